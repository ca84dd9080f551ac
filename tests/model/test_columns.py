import numpy as np
import pytest

from selfheal.model.columns import bin_counts, inner_edges, mean_and_sd


def test_bins_of_the_rows_that_made_them_have_equal_mass(rng):
    column = rng.normal(size=2_000)

    counts = bin_counts(column, inner_edges(column))

    assert (counts == 100).all()


def test_bins_of_two_batches_add_up_to_those_of_both(rng):
    edges = inner_edges(rng.normal(size=1_000))
    first, second = rng.normal(size=70), rng.normal(size=30)

    both = bin_counts(np.concatenate([first, second]), edges)

    np.testing.assert_array_equal(both, bin_counts(first, edges) + bin_counts(second, edges))


def test_missing_values_are_in_no_bin():
    assert bin_counts(np.array([np.nan, 1.0]), np.linspace(0, 1, 19)).sum() == 1


def test_a_value_on_an_edge_belongs_to_the_bin_above_it():
    edges = np.arange(19.0)

    assert bin_counts(np.array([0.0]), edges)[1] == 1


def test_moments_leave_missing_values_out():
    columns = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan]])

    mean, sd = mean_and_sd(columns)

    assert mean[0] == 2.0
    assert sd[0] == pytest.approx(1.0)
    assert np.isnan([mean[1], sd[1]]).all()
