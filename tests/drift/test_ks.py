import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from selfheal.drift.ks import critical_distance, ks_distance, standard_error
from selfheal.drift.mixture import Classes, Mixture

STEPS = np.linspace(0.0, 1.0, 257)
UNIFORM = Classes(np.stack([STEPS, STEPS])).mixture(prior=0.15)


def reference_of(values, rows=np.inf) -> Mixture:
    quantiles = np.quantile(values, STEPS)
    return Classes(np.stack([quantiles, quantiles]), (rows / 2, rows / 2)).mixture(prior=0.5)


@given(st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=60, unique=True))
def test_without_ties_it_is_scipy_s_statistic_less_half_a_row(values):
    found = ks_distance(np.array(values), UNIFORM)

    expected = stats.kstest(values, "uniform").statistic
    assert found == pytest.approx(expected - 0.5 / len(values), abs=1e-12)


def test_a_shift_of_normal_rows_gives_the_distance_of_the_two_distributions(rng):
    reference = Classes(np.stack([stats.norm.ppf(STEPS).clip(-6, 6)] * 2)).mixture(prior=0.5)

    found = ks_distance(rng.normal(1.0, size=20_000), reference)

    assert found == pytest.approx(2 * stats.norm.cdf(0.5) - 1, abs=0.02)


def test_rows_of_a_zero_inflated_feature_that_did_not_change_are_near(rng):
    def amounts(rows):
        return np.where(rng.random(rows) < 0.7, 0.0, rng.lognormal(3.0, 1.0, rows))

    reference = reference_of(amounts(50_000))

    assert ks_distance(amounts(5_000), reference) < 2.0 * standard_error(5_000, 50_000)
    assert ks_distance(amounts(5_000) * 2.0, reference) > 0.05


def test_rows_of_an_integer_feature_that_did_not_change_are_near(rng):
    reference = reference_of(rng.poisson(2.0, 50_000).astype(float))

    assert ks_distance(rng.poisson(2.0, 5_000).astype(float), reference) < 0.02
    assert ks_distance(rng.poisson(3.0, 5_000).astype(float), reference) > 0.1


def test_a_constant_that_stayed_is_no_distance_and_one_that_moved_is_half():
    reference = reference_of(np.full(100, 7.0))

    assert ks_distance(np.full(50, 7.0), reference) == pytest.approx(0.0)
    assert ks_distance(np.full(50, 8.0), reference) == pytest.approx(0.5)


def test_no_values_are_at_no_distance():
    assert ks_distance(np.array([]), UNIFORM) == 0.0


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("reference_rows", [np.inf, 500])
def test_clean_samples_exceed_the_threshold_at_no_more_than_the_stated_rate(
    rng, rate, reference_rows
):
    rows, samples = 300, 2_000
    limit = critical_distance(rate) * standard_error(rows, reference_rows)

    exceeded = 0
    for _ in range(samples):
        known = UNIFORM
        if np.isfinite(reference_rows):
            known = reference_of(rng.random(int(reference_rows)), reference_rows)
        exceeded += ks_distance(rng.random(rows), known) > limit

    chance = 3.0 * np.sqrt(rate * (1 - rate) / samples)
    assert exceeded / samples <= rate + chance


def test_the_threshold_is_not_needlessly_wide(rng):
    limit = critical_distance(0.05) * standard_error(2_000, np.inf)

    exceeded = np.mean([ks_distance(rng.random(2_000), UNIFORM) > limit for _ in range(1_000)])

    assert exceeded > 0.025


def test_the_error_is_infinite_where_a_sample_is_empty():
    assert standard_error(0, 100) == np.inf
    assert standard_error(100, 0) == np.inf
    assert standard_error(100, np.inf) == pytest.approx(0.1)
