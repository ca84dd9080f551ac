import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from selfheal.drift.moments import ColumnMoments, moments

TABLES = arrays(
    np.float64,
    st.tuples(st.integers(0, 12), st.just(3)),
    elements=st.one_of(st.just(np.nan), st.floats(-1e6, 1e6)),
)


def test_they_are_numpy_s_of_the_values_that_are_there(rng):
    values = rng.normal(3.0, 2.0, size=(500, 2))
    values[rng.random((500, 2)) < 0.3] = np.nan

    found = moments(values)

    np.testing.assert_array_equal(found.count, (~np.isnan(values)).sum(axis=0))
    np.testing.assert_allclose(found.mean, np.nanmean(values, axis=0))
    np.testing.assert_allclose(found.sd, np.nanstd(values, axis=0, ddof=1))


@given(TABLES, TABLES)
def test_merged_moments_are_the_moments_of_all_rows(first, second):
    merged = moments(first).merged(moments(second))

    together = moments(np.concatenate([first, second]))
    np.testing.assert_array_equal(merged.count, together.count)
    np.testing.assert_allclose(merged.mean, together.mean, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(
        merged.squared_deviation, together.squared_deviation, rtol=1e-6, atol=1e-3
    )


@given(TABLES)
def test_nothing_merged_changes_nothing(values):
    found = moments(values)

    for merged in (found.merged(ColumnMoments.empty(3)), ColumnMoments.empty(3).merged(found)):
        np.testing.assert_array_equal(merged.count, found.count)
        np.testing.assert_array_equal(merged.mean, found.mean)
        np.testing.assert_array_equal(merged.squared_deviation, found.squared_deviation)


def test_a_far_origin_costs_no_precision(rng):
    values = 1e9 + rng.normal(size=(10_000, 1))
    parts = np.array_split(values, 100)

    merged = ColumnMoments.empty(1)
    for part in parts:
        merged = merged.merged(moments(part))

    assert merged.sd[0] == pytest.approx(np.std(values, ddof=1), rel=1e-6)


def test_a_spread_needs_two_values():
    assert np.isnan(moments(np.array([[1.0]])).sd[0])
    assert np.isnan(ColumnMoments.empty(1).sd[0])


def test_the_extremes_are_those_of_the_values_that_are_there(rng):
    values = rng.normal(size=(300, 2))
    values[rng.random((300, 2)) < 0.3] = np.nan
    values[:, 1] = np.nan

    found = moments(values)

    np.testing.assert_array_equal(found.lowest, [np.nanmin(values[:, 0]), np.nan])
    np.testing.assert_array_equal(found.highest, [np.nanmax(values[:, 0]), np.nan])


def test_a_value_whose_square_is_infinite_does_not_take_the_others_with_it():
    found = moments(np.array([[1.0], [3.0], [1e200], [-np.inf]]))

    assert (found.count[0], found.mean[0], found.squared_deviation[0]) == (2, 2.0, 2.0)
    assert (found.lowest[0], found.highest[0]) == (1.0, 3.0)
