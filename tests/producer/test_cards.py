import numpy as np
import pytest
from scipy.stats import kurtosis

from producer.card_drifts import (
    campaign,
    fraud_share,
    new_category,
    one_class_moved,
    random_affine,
    rotated,
    scaled,
)
from producer.cards import CARD_SCHEMA, LATENTS, card_portfolio
from producer.errors import ScenarioError
from producer.portfolio import Portfolio
from producer.realistic import Traffic
from producer.rows import Rows

ROWS = 24_000
NUMERIC = CARD_SCHEMA.numeric


def draw(portfolio: Portfolio, seed: int = 1, rows: int = ROWS) -> Rows:
    return Traffic(portfolio).draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows))


def column(rows: Rows, name: str) -> np.ndarray:
    return rows.values[:, CARD_SCHEMA.names.index(name)]


@pytest.fixture(scope="module")
def bank() -> Portfolio:
    return card_portfolio()


@pytest.fixture(scope="module")
def clean(bank) -> Rows:
    return draw(bank)


@pytest.mark.parametrize("p", [0.01, 0.02, 0.05])
@pytest.mark.parametrize("structure", [0, 5])
def test_the_share_of_fraud_over_whole_days_is_the_one_asked_for(p, structure):
    rows = draw(card_portfolio(p, structure))

    assert rows.labels.mean() == pytest.approx(p, abs=0.004)


def test_a_share_of_fraud_out_of_range_is_refused():
    with pytest.raises(ScenarioError, match=r"fraud_rate is 0\.7"):
        card_portfolio(0.7)


def test_fraud_is_more_common_at_night(clean):
    hour = column(clean, "hour")

    night, day = clean.labels[(hour < 6)], clean.labels[(hour >= 12) & (hour < 18)]
    assert night.mean() > 1.7 * day.mean()


def test_amounts_are_zero_inflated_and_skewed(clean):
    amount = column(clean, "amount")

    assert 0.05 < (amount == 0).mean() < 0.3
    assert amount.mean() > 1.5 * np.median(amount)


def test_balances_have_heavy_tails(clean):
    assert kurtosis(column(clean, "balance_change")) > 20


def test_device_scores_are_missing_more_often_in_fraud(clean):
    is_missing = np.isnan(column(clean, "device_score"))

    assert is_missing[clean.labels == 0].mean() == pytest.approx(0.08, abs=0.01)
    assert is_missing[clean.labels == 1].mean() == pytest.approx(0.16, abs=0.04)


@pytest.mark.parametrize("name", ["transactions_24h", "login_failures", "hour"])
def test_counts_are_whole_numbers(clean, name):
    counts = column(clean, name)

    np.testing.assert_array_equal(counts, np.floor(counts))


def test_features_are_correlated(clean):
    amount, ratio = column(clean, "amount"), column(clean, "spend_ratio")

    ranks = np.argsort(np.argsort([amount, ratio], axis=1), axis=1)
    assert np.corrcoef(ranks)[0, 1] > 0.3


def test_the_true_probability_is_calibrated(clean):
    p = clean.probabilities

    for low, high in [(0.001, 0.05), (0.05, 0.4), (0.4, 0.9), (0.9, 1.0)]:
        chosen = (p >= low) & (p < high)
        assert clean.labels[chosen].mean() == pytest.approx(p[chosen].mean(), abs=0.06)


def test_structures_differ_and_each_is_always_the_same():
    np.testing.assert_array_equal(
        draw(card_portfolio(structure=4)).values, draw(card_portfolio(structure=4)).values
    )
    assert not np.allclose(
        card_portfolio(structure=4).conditions.means, card_portfolio(structure=5).conditions.means
    )


def test_a_changed_unit_multiplies_one_feature_alone(bank, clean):
    moved = draw(scaled(bank, "amount", 100.0))

    np.testing.assert_allclose(column(moved, "amount"), 100.0 * column(clean, "amount"))
    others = [name for name in CARD_SCHEMA.names if name != "amount"]
    for name in others:
        np.testing.assert_array_equal(column(moved, name), column(clean, name))


@pytest.mark.parametrize(("share", "moved_features"), [(0.5, 6), (1.0, 11)])
def test_random_affine_moves_its_share_of_the_numeric_features(bank, clean, share, moved_features):
    moved = draw(random_affine(bank, np.random.default_rng(3), share))

    is_moved = [
        not np.array_equal(moved.values[:, j], clean.values[:, j], equal_nan=True) for j in NUMERIC
    ]
    assert sum(is_moved) == moved_features
    np.testing.assert_array_equal(
        moved.values[:, CARD_SCHEMA.categorical], clean.values[:, CARD_SCHEMA.categorical]
    )
    np.testing.assert_array_equal(moved.labels, clean.labels)


@pytest.mark.parametrize("p", [0.01, 0.2])
def test_fraud_share_keeps_each_class(bank, clean, p):
    rows = draw(fraud_share(bank, p))

    median = np.nanmedian(rows.values[rows.labels == 0][:, NUMERIC], axis=0)
    assert rows.labels.mean() == pytest.approx(p, abs=0.006)
    np.testing.assert_allclose(
        median, np.nanmedian(clean.values[clean.labels == 0][:, NUMERIC], axis=0), rtol=0.1, atol=2
    )


def test_fraud_share_refuses_what_is_no_probability(bank):
    with pytest.raises(ValueError, match="not a probability"):
        fraud_share(bank, 1.0)


def test_one_class_moves_alone(bank, clean):
    moved = draw(one_class_moved(bank, ("merchant_risk",), 1.0, is_fraud=False))

    is_fraud = clean.labels == 1
    before, after = column(clean, "merchant_risk"), column(moved, "merchant_risk")
    np.testing.assert_array_equal(after[is_fraud], before[is_fraud])
    assert (after[~is_fraud] - before[~is_fraud]).mean() > 0.15


def test_a_campaign_is_fraud_that_was_not_there_before(bank):
    rows = draw(campaign(bank, 0.03))

    gifts = CARD_SCHEMA.features[CARD_SCHEMA.names.index("merchant")].code("gifts")
    in_gifts = column(rows, "merchant")[rows.labels == 1] == gifts
    assert rows.labels.mean() == pytest.approx(0.05, abs=0.006)
    assert in_gifts.mean() > 0.4


def test_a_new_category_has_the_code_of_an_unknown_level(bank, clean):
    rows = draw(new_category(bank, "merchant", 0.25))

    unknown = 8.0
    assert (column(clean, "merchant") == unknown).sum() == 0
    assert (column(rows, "merchant") == unknown).mean() == pytest.approx(0.25, abs=0.01)


def test_rotation_keeps_the_inputs_and_the_share_of_fraud(bank, clean):
    rows = draw(rotated(bank, np.pi / 2))

    np.testing.assert_array_equal(rows.values, clean.values)
    assert rows.labels.mean() == pytest.approx(0.02, abs=0.004)


def test_rotation_by_a_quarter_gives_the_part_of_one_feature_to_the_other(bank, clean):
    rows = draw(rotated(bank, np.pi / 2))

    assert class_gap(clean, "device_score") < -1.5
    assert class_gap(rows, "device_score") > -1.1
    assert class_gap(rows, "balance_change") < -100.0 < class_gap(clean, "balance_change")


def test_a_slow_rotation_begins_as_the_clean_portfolio(bank, clean):
    turning = Traffic(bank, rotated(bank, np.pi / 2))

    start = turning.draw(np.random.default_rng(1), np.arange(ROWS), np.zeros(ROWS))
    np.testing.assert_array_equal(start.values, clean.values)
    np.testing.assert_allclose(start.probabilities, clean.probabilities, atol=0.06)


def test_a_ramp_is_halfway_in_the_middle(bank, clean):
    ramp = Traffic(bank, scaled(bank, "amount", 3.0))

    middle = ramp.draw(np.random.default_rng(1), np.arange(ROWS), np.full(ROWS, 0.5))
    np.testing.assert_allclose(column(middle, "amount"), 2.0 * column(clean, "amount"))


def test_every_latent_is_a_numeric_feature():
    assert [CARD_SCHEMA.names[j] for j in NUMERIC] == [*LATENTS, "hour"]


def class_gap(rows: Rows, name: str) -> float:
    values = column(rows, name)
    return np.nanmedian(values[rows.labels == 1]) - np.nanmedian(values[rows.labels == 0])
