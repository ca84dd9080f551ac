"""Statistics of counts: shares, PSI, chi-square, categories, binned K-S; scipy is the oracle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from selfheal.drift.categories import category_drift
from selfheal.drift.chi_square import chi_square
from selfheal.drift.ks_two_sample import binned_distance, ks_p_value, two_sample_distance
from selfheal.drift.psi import LARGE, psi, psi_limit
from selfheal.drift.shares import Shares, observed_shares, shares_under

COUNTS = st.lists(st.integers(5, 500), min_size=5, max_size=5).map(np.array)
EQUAL = Shares(np.full(20, 0.05), 5_000.0)


@given(COUNTS, COUNTS)
def test_chi_square_is_scipy_s_test_of_two_samples(first, second):
    total = int(second.sum())

    found = chi_square(first, Shares(second / total, float(total)))

    both = np.stack([first, second])
    expected = stats.chi2_contingency(both, correction=False)
    if stats.contingency.expected_freq(both).min() >= 5:
        assert found.statistic == pytest.approx(expected.statistic, abs=1e-9)
        assert found.freedom == expected.dof
        assert found.p == pytest.approx(expected.pvalue)


def test_chi_square_against_known_shares_is_scipy_s_test_of_fit():
    counts = np.array([30, 50, 20])

    found = chi_square(counts, Shares(np.array([0.3, 0.4, 0.3])))

    expected = stats.chisquare(counts, [30, 40, 30])
    assert (found.statistic, found.p) == (pytest.approx(found.statistic), pytest.approx(found.p))
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p == pytest.approx(expected.pvalue)


def test_rare_cells_are_put_together(rng):
    shares = np.array([0.5, 0.49, *[0.001] * 10])

    p = [chi_square(rng.multinomial(500, shares), Shares(shares, 20_000.0)).p for _ in range(2_000)]

    assert np.mean(np.array(p) < 0.01) < 0.02


def test_nothing_is_known_of_a_feature_that_never_had_a_value():
    unknown = shares_under(0.1, np.full((2, 3), np.nan), np.array([10.0, 10.0]))

    assert not unknown.is_known
    assert chi_square(np.array([5, 5, 5]), unknown).p == 1.0
    assert binned_distance(np.array([5, 5, 5]), unknown) == 0.0
    assert np.isnan(psi(np.array([5, 5, 5]), unknown))


def test_a_class_that_never_had_a_value_leaves_the_word_to_the_other():
    by_class = np.array([[0.2, 0.8], [np.nan, np.nan]])

    found = shares_under(0.3, by_class, np.array([700.0, 0.0]))

    assert found.shares.tolist() == [0.2, 0.8]
    assert found.rows == 700.0


def test_shares_far_from_the_reference_s_own_prior_are_less_certain():
    by_class, rows = np.array([[0.5, 0.5], [0.1, 0.9]]), np.array([850.0, 150.0])

    assert shares_under(0.15, by_class, rows).rows == pytest.approx(1_000.0)
    assert shares_under(0.9, by_class, rows).rows < 200.0


@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_the_limit_of_psi_keeps_its_rate_at_every_number_of_rows(rng, rows):
    limit = psi_limit(0.02, 20, rows, 5_000)

    found = [
        psi(rng.multinomial(rows, EQUAL.shares), Shares(reference / 5_000, 5_000.0))
        for reference in rng.multinomial(5_000, EQUAL.shares, size=2_000)
    ]

    assert np.mean(np.array(found) > limit) == pytest.approx(0.02, abs=0.012)


def test_the_usual_limit_of_psi_alarms_on_a_hundred_clean_rows(rng):
    found = [psi(rng.multinomial(100, EQUAL.shares), EQUAL) for _ in range(500)]

    assert np.mean(np.array(found) > LARGE) > 0.05


def test_psi_of_no_rows_is_nothing_and_an_empty_bin_is_finite():
    assert np.isnan(psi(np.zeros(20, dtype=np.int64), EQUAL))
    assert np.isfinite(psi(np.array([1_000, *[0] * 19]), EQUAL))


def test_bins_that_ties_leave_empty_count_only_where_something_is_in_them():
    tied = Shares(np.array([0.5, 0.0, 0.5]), 1_000.0)

    assert psi(np.array([500, 0, 500]), tied) == pytest.approx(0.0, abs=1e-6)
    assert psi(np.array([400, 200, 400]), tied) > LARGE


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=40), st.integers(0, 9))
def test_the_two_sample_distance_is_scipy_s(values, seed):
    first, second = np.array(values), np.random.default_rng(seed).normal(size=30)

    found = two_sample_distance(first, second)

    assert found == pytest.approx(stats.ks_2samp(first, second).statistic)


def test_the_p_value_is_scipy_s(rng):
    first, second = rng.normal(size=4_000), rng.normal(0.04, size=6_000)

    expected = stats.ks_2samp(first, second, method="asymp").pvalue
    found = ks_p_value(two_sample_distance(first, second), 4_000, 6_000)

    assert found == pytest.approx(expected, rel=0.1)
    assert two_sample_distance(first, first[:0]) == 0.0


@given(st.integers(0, 99))
def test_the_binned_distance_is_never_larger_than_that_of_the_rows(seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(0.3, size=200), rng.normal(size=300)
    edges = np.array([-np.inf, *np.quantile(second, np.arange(1, 20) / 20), np.inf])

    counts, reference = (np.histogram(column, edges)[0] for column in (first, second))
    found = binned_distance(counts, Shares(reference / 300, 300.0))

    assert 0.0 < found <= two_sample_distance(first, second) + 1e-12


def test_an_unchanged_category_is_quiet_and_one_that_moved_by_more_than_chance_alarms(rng):
    shares = Shares(np.array([0.6, 0.3, 0.1, 0.0]), 5_000.0)

    still = category_drift(rng.multinomial(5_000, shares.shares), shares)
    moved = category_drift(rng.multinomial(5_000, [0.5, 0.4, 0.1, 0.0]), shares)

    assert still.excess(1e-6) < 1.0
    assert not still.is_published_alarm
    assert moved.excess(1e-6) > 1.0
    assert moved.shift == pytest.approx(0.1, abs=0.03)


def test_the_published_threshold_alone_alarms_on_few_clean_rows(rng):
    shares = Shares(np.array([0.5, 0.3, 0.2, 0.0]), 5_000.0)

    drifts = [category_drift(rng.multinomial(200, shares.shares), shares) for _ in range(300)]

    assert np.mean([drift.is_published_alarm for drift in drifts]) > 0.1
    assert max(drift.excess(1e-4) for drift in drifts) < 1.0


def test_new_categories_are_counted_apart():
    found = category_drift(np.array([450, 450, 100]), Shares(np.array([0.5, 0.5, 0.0]), 1_000.0))

    assert (found.new_rows, found.level) == (100, 2)
    assert found.new_share == pytest.approx(0.1)
    assert found.excess(1e-6) > 1.0


def test_a_feature_without_rows_has_no_drift():
    found = category_drift(np.zeros(3, dtype=np.int64), Shares(np.array([0.5, 0.5, 0.0])))

    assert found.excess(1e-6) == found.shift == 0.0
    assert np.isnan(observed_shares(np.zeros(3, dtype=np.int64))).all()
