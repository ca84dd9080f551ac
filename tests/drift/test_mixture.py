import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from selfheal.drift.mixture import Classes, Mixture

STEPS = np.linspace(0.0, 1.0, 257)


def mixture_of(legit, fraud, prior, rows=(np.inf, np.inf)) -> Mixture:
    quantiles = np.stack([np.quantile(legit, STEPS), np.quantile(fraud, STEPS)])
    return Classes(quantiles, rows).mixture(prior)


@pytest.fixture
def classes(rng):
    """Two continuous classes, far more rows than quantiles."""
    return rng.normal(size=20_000), rng.normal(-2.5, 0.8, size=20_000)


@pytest.mark.parametrize("prior", [0.0, 0.05, 0.15, 0.4, 1.0])
def test_the_cdf_is_that_of_the_two_classes_in_their_shares(classes, prior):
    legit, fraud = classes
    points = np.linspace(-5.0, 4.0, 200)

    found = mixture_of(legit, fraud, prior).cdf(points)

    exact = (1 - prior) * stats.norm.cdf(points) + prior * stats.norm.cdf(points, -2.5, 0.8)
    np.testing.assert_allclose(found, exact, atol=0.01)


def test_beyond_all_values_the_cdf_is_zero_and_one(classes):
    mixture = mixture_of(*classes, prior=0.15)

    np.testing.assert_array_equal(mixture.cdf(np.array([-1e300, -99.0, 99.0, 1e300])), [0, 0, 1, 1])


@given(
    legit=st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    fraud=st.lists(st.floats(-100, 100), min_size=1, max_size=30),
    prior=st.floats(0.01, 0.99),
)
def test_the_cdf_never_falls_and_stays_in_the_unit_interval(legit, fraud, prior):
    mixture = mixture_of(legit, fraud, prior)

    found = mixture.cdf(np.sort(np.concatenate([legit, fraud, np.linspace(-101, 101, 50)])))

    assert np.all(np.diff(found) >= 0.0)
    assert found[0] >= 0.0
    assert found[-1] <= 1.0


@pytest.mark.parametrize("prior", [0.02, 0.15, 0.6])
def test_quantile_is_the_inverse_of_the_cdf_where_nothing_has_a_mass(classes, prior):
    mixture, probabilities = mixture_of(*classes, prior=prior), np.linspace(0.01, 0.99, 99)

    np.testing.assert_allclose(mixture.cdf(mixture.quantile(probabilities)), probabilities)


def test_quantile_finds_a_value_that_has_a_mass(rng):
    values = np.concatenate([rng.normal(-5.0, 1.0, 250), np.zeros(500), rng.normal(5.0, 1.0, 250)])
    mixture = mixture_of(values, values, prior=0.15)

    np.testing.assert_array_equal(mixture.quantile(np.array([0.3, 0.5, 0.7])), [0.0, 0.0, 0.0])


def test_at_a_mass_the_mid_cdf_is_half_way_up_the_step(rng):
    values = np.where(rng.random(50_000) < 0.6, 0.0, rng.lognormal(size=50_000))
    mixture = mixture_of(values, values, prior=0.15)

    assert mixture.mid_cdf(np.array([0.0]))[0] == pytest.approx(0.3, abs=0.01)
    assert mixture.cdf(np.array([0.0]))[0] == pytest.approx(0.6, abs=0.01)


def test_without_a_mass_the_mid_cdf_is_the_cdf(classes):
    mixture, points = mixture_of(*classes, prior=0.15), np.linspace(-4, 4, 100)

    np.testing.assert_array_equal(mixture.mid_cdf(points), mixture.cdf(points))


def test_under_the_trained_prior_all_rows_count():
    mixture = mixture_of([0.0, 1.0], [0.0, 1.0], prior=0.15, rows=(4_250, 750))

    assert mixture.effective_rows == pytest.approx(5_000)


def test_a_greater_prior_rests_on_the_few_frauds():
    mixture = mixture_of([0.0, 1.0], [0.0, 1.0], prior=0.9, rows=(4_250, 750))

    assert mixture.effective_rows == pytest.approx(1 / (0.1**2 / 4_250 + 0.9**2 / 750))


def test_a_known_distribution_counts_as_endlessly_many_rows_and_no_row_as_none():
    assert mixture_of([0.0, 1.0], [0.0, 1.0], prior=0.15).effective_rows == np.inf
    assert mixture_of([0.0], [0.0], prior=0.15, rows=(0, 100)).effective_rows == 0.0
    assert mixture_of([0.0], [0.0], prior=1.0, rows=(0, 100)).effective_rows == 100


def test_numbers_too_small_to_divide_by_are_zero():
    mixture = mixture_of([0.0], [0.0, 2.2250738585e-313], prior=0.5)

    found = mixture.cdf(np.array([-1.0, 0.0, 1.0]))

    np.testing.assert_array_equal(found, [0.0, 1.0, 1.0])
