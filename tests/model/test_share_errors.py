"""Errors between shares bound what comes by chance, for rare levels and for few rows too."""

import numpy as np
import pytest
from scipy import stats

from selfheal.model.share_errors import share_errors


def test_against_a_known_share_it_is_the_root_of_half_of_chernoffs_exponent():
    exponent = 50 * (0.3 * np.log(0.3 / 0.1) + 0.7 * np.log(0.7 / 0.9))

    assert share_errors(0.3, 50, 0.1, np.inf) == pytest.approx(np.sqrt(exponent / 2), rel=1e-4)


def test_of_many_rows_it_is_a_normal_deviate_over_two():
    deviate = 0.01 / np.sqrt(0.3 * 0.7 * (1 / 40_000 + 1 / 60_000))

    assert share_errors(0.31, 40_000, 0.3, 60_000) == pytest.approx(deviate / 2, rel=0.02)


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("rows", [100, 1_600])
@pytest.mark.parametrize("errors", [1.0, 2.2, 2.7])
def test_chance_passes_so_many_errors_no_more_often_than_stated(share, rows, errors):
    counts = np.arange(rows + 1)
    is_further = share_errors(counts / rows, rows, share, np.inf) > errors

    by_chance = stats.binom.pmf(counts[is_further], rows, share).sum()

    assert by_chance <= 2 * np.exp(-2 * errors**2)


def test_the_error_of_the_other_share_counts_as_much():
    assert share_errors(0.2, 100, 0.1, 500) == pytest.approx(share_errors(0.1, 500, 0.2, 100))
    assert share_errors(0.2, 100, 0.1, 500) < share_errors(0.2, 100, 0.1, np.inf)


def test_what_never_came_before_is_further_away_the_more_rows_have_it():
    found = share_errors(np.array([0.0, 0.02, 0.1, 1.0]), 100, 0.0, 5_000)

    assert found[0] == 0.0
    assert (np.diff(found) > 0).all()


def test_no_rows_on_either_side_are_no_distance():
    np.testing.assert_array_equal(share_errors([0.5, 0.5], [0, 100], 0.1, [100, 0]), 0.0)
