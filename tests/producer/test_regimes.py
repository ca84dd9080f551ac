import numpy as np
import pytest
from scipy.stats import ks_2samp, norm

from producer.operators import (
    affine,
    concept,
    everyone,
    flip,
    legit_only,
    prior,
    sign_flips,
)
from producer.regimes import (
    FEATURES,
    G1,
    G2,
    V12,
    V14,
    Regime,
    RegimeRamp,
    bayes_probability,
)
from producer.rows import Rows

ROWS = 60_000


def draw(population: Regime | RegimeRamp, rng: np.random.Generator, progress: float = 0.0) -> Rows:
    return population.draw(rng, np.arange(ROWS), np.full(ROWS, progress))


def v14_means(rows: Rows) -> tuple[float, float]:
    v14 = rows.values[:, V14]
    return v14[rows.labels == 0].mean(), v14[rows.labels == 1].mean()


def test_v14_is_the_eighth_of_ten_features():
    assert FEATURES.index("V14") == 7
    assert len(FEATURES) == 10


@pytest.mark.parametrize("regime", [G1, G2])
def test_clean_classes_have_the_stated_means_deviations_and_prior(regime, rng):
    rows = draw(regime, rng)

    legit, fraud = rows.values[rows.labels == 0], rows.values[rows.labels == 1]
    np.testing.assert_allclose(legit.mean(axis=0), regime.mu0, atol=0.03)
    np.testing.assert_allclose(fraud.mean(axis=0), regime.mu1, atol=0.06)
    np.testing.assert_allclose(legit.std(axis=0), regime.sd0, atol=0.02)
    np.testing.assert_allclose(fraud.std(axis=0), regime.sd1, atol=0.04)
    assert rows.labels.mean() == pytest.approx(0.15, abs=0.005)


def test_clean_v14_has_the_published_mean_and_deviation(rng):
    v14 = draw(G1, rng).values[:, V14]

    assert v14.mean() == pytest.approx(-0.363, abs=0.03)
    assert v14.std() == pytest.approx(1.323, abs=0.02)


def test_published_drift_moves_v14_as_published(rng):
    v14 = draw(legit_only(G1, 2.2), rng).values[:, V14]

    assert v14.mean() == pytest.approx(-2.25, abs=0.02)
    assert (v14 < -1.5).mean() == pytest.approx(0.776, abs=0.008)


def test_legit_only_leaves_the_fraud_class(rng):
    legit, fraud = v14_means(draw(legit_only(G1, 2.2), rng))

    assert legit == pytest.approx(-2.2, abs=0.02)
    assert fraud == pytest.approx(-2.5, abs=0.03)


def test_everyone_moves_both_classes(rng):
    legit, fraud = v14_means(draw(everyone(G2, 2.2), rng))

    assert legit == pytest.approx(-2.2, abs=0.02)
    assert fraud == pytest.approx(-4.7, abs=0.03)


def test_affine_scales_and_shifts_every_feature(rng):
    a, b = np.linspace(0.5, 1.5, 10), np.linspace(-2.0, 2.0, 10)

    moved = affine(G2, a, b)

    still = draw(G2, np.random.default_rng(1)).values
    np.testing.assert_allclose(draw(moved, np.random.default_rng(1)).values, a * still + b)


def test_affine_refuses_a_scale_of_zero():
    with pytest.raises(ValueError, match="scale is 0"):
        affine(G2, 0.0, 1.0)


def test_affine_leaves_the_best_classifier_as_good():
    still = draw(G2, np.random.default_rng(1))
    moved = draw(affine(G2, -1.7, 3.0), np.random.default_rng(1))

    assert best_accuracy(moved) == pytest.approx(best_accuracy(still), abs=0.003)


def test_sign_flips_turn_the_given_features_alone(rng):
    rows = draw(sign_flips(G2, range(4)), rng)

    fraud = rows.values[rows.labels == 1].mean(axis=0)
    np.testing.assert_allclose(fraud[:4], -G2.mu1[:4], atol=0.06)
    np.testing.assert_allclose(fraud[4:], G2.mu1[4:], atol=0.06)


def test_flip_puts_fraud_on_the_other_side(rng):
    _, fraud = v14_means(draw(flip(G2), rng))

    assert fraud == pytest.approx(2.5, abs=0.03)


@pytest.mark.parametrize("p", [0.01, 0.05, 0.4])
def test_prior_changes_the_share_of_fraud_and_no_class(p, rng):
    rows = draw(prior(G2, p), rng)

    legit, fraud = v14_means(rows)
    assert rows.labels.mean() == pytest.approx(p, abs=0.006)
    assert legit == pytest.approx(0.0, abs=0.02)
    assert fraud == pytest.approx(-2.5, abs=0.1)


@pytest.mark.parametrize("p", [0.0, 1.0, -0.1])
def test_prior_refuses_what_is_no_probability(p):
    with pytest.raises(ValueError, match="not a probability"):
        prior(G2, p)


@pytest.mark.parametrize("regime", [G1, G2])
def test_concept_keeps_the_inputs_distribution(regime):
    before = draw(regime, np.random.default_rng(1)).values
    after = draw(concept(regime), np.random.default_rng(2)).values
    same_seed = draw(concept(regime), np.random.default_rng(1)).values

    np.testing.assert_array_equal(same_seed, before)
    assert min(ks_2samp(before[:, j], after[:, j]).pvalue for j in range(10)) > 0.001


def test_concept_gives_the_part_of_v14_to_v12(rng):
    rows = draw(concept(G1), rng)

    fraud, legit = rows.values[rows.labels == 1], rows.values[rows.labels == 0]
    assert fraud[:, V12].mean() < -1.0 < legit[:, V12].mean()
    assert abs(fraud[:, V14].mean() - legit[:, V14].mean()) < 0.1


def test_concept_on_independent_features_keeps_prior_and_difficulty(rng):
    rows = draw(concept(G1), rng)

    assert rows.labels.mean() == pytest.approx(0.15, abs=0.005)
    assert best_accuracy(rows) == pytest.approx(best_accuracy(draw(G1, rng)), abs=0.005)


def test_best_accuracy_of_the_clean_stream_is_the_known_one(rng):
    assert best_accuracy(draw(G2, rng)) == pytest.approx(0.953, abs=0.004)


def test_best_classifier_of_the_published_drift_calls_everything_legitimate(rng):
    rows = draw(legit_only(G1, 2.2), rng)

    assert best_accuracy(rows) == pytest.approx((rows.labels == 0).mean(), abs=0.003)


def test_bayes_probability_is_the_ratio_of_densities():
    x = np.zeros((1, 10))
    x[0, V14] = -1.5

    p = bayes_probability(G1, x)

    legit, fraud = 0.85 * norm.pdf(-1.5), 0.15 * norm.pdf(-1.5, -2.5, 0.8)
    assert p[0] == pytest.approx(fraud / (legit + fraud))


@pytest.mark.parametrize("regime", [G2, concept(G2), prior(everyone(G2, 1.0), 0.4)])
def test_bayes_probability_is_calibrated(regime, rng):
    rows = draw(regime, rng)

    for low, high in [(0.05, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]:
        chosen = (rows.probabilities >= low) & (rows.probabilities < high)
        assert rows.labels[chosen].mean() == pytest.approx(
            rows.probabilities[chosen].mean(), abs=0.03
        )


@pytest.mark.parametrize("progress", [0.0, 0.25, 1.0])
def test_ramp_moves_the_mean_with_progress(progress, rng):
    legit, fraud = v14_means(draw(RegimeRamp(G2, everyone(G2, 2.0)), rng, progress))

    assert legit == pytest.approx(-2.0 * progress, abs=0.02)
    assert fraud == pytest.approx(-2.5 - 2.0 * progress, abs=0.03)


def test_ramp_refuses_exchanged_roles():
    with pytest.raises(ValueError, match="exchanged roles"):
        RegimeRamp(G2, concept(G2))


def test_draw_of_no_rows_is_empty(rng):
    rows = G2.draw(rng, np.arange(0), np.zeros(0))

    assert rows.values.shape == (0, 10)
    assert len(rows) == 0


def best_accuracy(rows: Rows) -> float:
    return float(((rows.probabilities >= 0.5) == rows.labels).mean())
