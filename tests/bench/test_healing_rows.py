"""The drifts of other rows are what they say, and their figures can be computed again."""

import numpy as np
import pytest

from bench.healing.map_drifts import (
    MAPS,
    from_onset,
    moved,
    onset_of,
    slowly,
    spread_of,
    there_and_back,
)
from bench.healing.other_rows import DRIFTS, T8, round_of
from bench.healing.outcome import Outcome, pooled_share
from bench.healing.relations import Relation, relation_of
from bench.healing.sources import SOURCES, draw, with_fraud_share
from selfheal.model.metrics import measure

ROWS, SEED = 600, 900


@pytest.fixture(scope="module")
def bananas():
    return draw("Bananas", SEED, ROWS)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_gives_the_same_rows_again_and_others_for_another_seed(source: str):
    one, again, other = draw(source, 900, 50), draw(source, 900, 50), draw(source, 901, 50)

    np.testing.assert_array_equal(one.values, again.values)
    assert one.values.shape == (50, len(one.schema.features))
    assert set(np.unique(one.train_labels)) == {0, 1}
    assert one.values.shape != other.values.shape or not np.array_equal(
        one.values, other.values, equal_nan=True
    )


def test_no_real_row_is_in_training_and_stream(bananas):
    trained = {tuple(row) for row in bananas.train_values}

    assert not trained & {tuple(row) for row in bananas.values}


@pytest.mark.parametrize("name", MAPS)
def test_a_map_moves_numeric_features_from_the_onset_on_and_can_be_undone(name: str):
    drawn = draw("cards", SEED, ROWS)
    found = MAPS[name](drawn, np.random.default_rng(0))

    values, numeric = moved(drawn, found, from_onset(ROWS)), drawn.schema.numeric

    before, after = slice(0, onset_of(ROWS)), slice(onset_of(ROWS), ROWS)
    np.testing.assert_array_equal(values[before], drawn.values[before])
    assert not np.array_equal(values[after], drawn.values[after], equal_nan=True)
    undone = (values[after][:, numeric] - found.shift) / found.scale
    np.testing.assert_allclose(undone, drawn.values[after][:, numeric], atol=1e-6)
    np.testing.assert_array_equal(
        values[:, drawn.schema.categorical], drawn.values[:, drawn.schema.categorical]
    )


def test_spreads_are_positive_where_most_values_are_the_same():
    assert (spread_of(draw("Phishing", SEED, 10)) > 0).all()


def test_courses_begin_clean_and_reach_the_end_of_the_map():
    ramp = slowly(900)

    assert ramp[299] == 0.0
    assert ramp[600] == pytest.approx(1.0)
    assert (np.diff(ramp) >= 0).all()
    assert there_and_back(10).tolist() == [0, 0, 1, 1, 0, 0, 1, 1, 0, 0]


def test_rows_are_drawn_again_with_the_share_of_fraud_that_is_asked_for(bananas):
    share = np.repeat([0.05, 0.2, 0.01], 200)

    found = with_fraud_share(bananas, 0.05, share, SEED)

    assert found.train_labels.mean() == pytest.approx(0.05, abs=0.03)
    assert found.labels[200:400].mean() == pytest.approx(0.2, abs=0.07)
    known = {(*row, label) for row, label in zip(bananas.values, bananas.labels, strict=True)}
    assert {(*row, label) for row, label in zip(found.values, found.labels, strict=True)} <= known


class FirstFeature:
    """A teacher that reads the first feature alone."""

    def predict_proba(self, values: np.ndarray) -> np.ndarray:
        rank = values[:, 0].argsort().argsort() / len(values)
        return np.column_stack([1 - rank, rank])


def test_a_quarter_turn_lets_one_feature_say_what_the_other_said(rng):
    values = rng.normal(size=(1_000, 2)) * [1.0, 50.0]
    relation = Relation(FirstFeature(), 0, 1)

    before = relation.labels(values, np.zeros(1_000), 0.3)
    after = relation.labels(values, np.full(1_000, np.pi / 2), 0.3)

    assert before.mean() == after.mean() == pytest.approx(0.3)
    np.testing.assert_array_equal(before, values[:, 0] > np.quantile(values[:, 0], 0.7))
    np.testing.assert_array_equal(after, values[:, 1] > np.quantile(values[:, 1], 0.7))


def test_the_relation_exchanges_the_feature_that_says_most(bananas):
    relation = relation_of(bananas, np.random.default_rng(0))

    assert {relation.first, relation.second} == {0, 1}


def test_a_small_gap_weighs_little_in_the_share_that_is_won():
    large = Outcome({}, 0.3, {"gap": 0.4, "won": 0.38})
    tiny = Outcome({}, 0.0, {"gap": 0.001, "won": -0.001})

    assert pooled_share([large, tiny]) == pytest.approx(0.379 / 0.401)
    assert np.isnan(pooled_share([Outcome({}, 0.0, {"gap": 0.0, "won": 0.0})]))


@pytest.fixture(scope="module")
def outcomes():
    """Every drift on one source; no label is known within so few rows."""
    return {(drift, "Bananas"): make("Bananas", SEED, ROWS) for drift, make in DRIFTS.items()}


def test_every_target_of_a_source_has_its_measure(outcomes):
    wanted = {target.measure for target in T8.targets}
    of_others = {m for m in wanted if any(f", {s}:" in m for s in SOURCES if s != "Bananas")}

    assert wanted - of_others == set(round_of(outcomes).measures)


def test_every_case_has_a_constant_the_frozen_model_and_what_was_served(outcomes):
    for outcome in outcomes.values():
        assert {"always_majority", "frozen", "healed"} < set(outcome.case) | {"ceiling"}
        for figures in outcome.case.values():
            assert {"accuracy", "recall", "auc_pr", "log_loss"} <= set(figures)


def test_the_frozen_figures_can_be_computed_again(outcomes):
    from bench.healing.sources import drawn_and_trained
    from selfheal.model.compiled import compile_model

    drawn, model = drawn_and_trained("Bananas", SEED, ROWS)
    score = compile_model(model).score(drawn.values).score

    found = outcomes["clean", "Bananas"].case["frozen"]["accuracy"]

    assert found == measure(drawn.labels, score, model.threshold).accuracy
