"""The split that tells two parts of a series of losses best apart."""

import numpy as np
import pytest
from scipy import stats

from healer.change_point import SHORTEST, change_point


@pytest.mark.parametrize("onset", [SHORTEST, 100, 250, 400 - SHORTEST])
def test_a_clear_rise_is_found_where_it_is(rng, onset):
    losses = rng.normal(0.2, 0.05, 400)
    losses[onset:] += 1.0

    assert change_point(losses) == onset


def test_a_rise_among_noisy_losses_is_found_near_where_it_is(rng):
    found = [
        change_point(np.r_[rng.exponential(0.15, 300), rng.exponential(0.6, 200)])
        for _ in range(20)
    ]

    assert np.median(found) == pytest.approx(300, abs=10)
    assert np.abs(np.array(found) - 300).max() < 80


def test_the_split_is_that_of_the_greatest_t_statistic(rng):
    losses = rng.exponential(0.2, 80) + np.linspace(0.0, 0.5, 80)
    splits = range(SHORTEST, 80 - SHORTEST + 1)

    t = [stats.ttest_ind(losses[split:], losses[:split]).statistic for split in splits]

    assert change_point(losses) == splits[int(np.argmax(t))]


def test_losses_that_only_fall_have_no_change():
    assert change_point(np.linspace(1.0, 0.0, 200)) == 0


@pytest.mark.parametrize("rows", [0, 1, 2 * SHORTEST - 1])
def test_too_few_losses_have_no_change(rows):
    assert change_point(np.arange(rows, dtype=np.float64)) == 0


def test_losses_that_are_all_the_same_have_no_change():
    assert change_point(np.full(100, 0.3)) == 0


def test_each_part_has_its_fewest_losses_even_where_the_rise_is_at_an_end():
    losses = np.zeros(100)
    losses[-3:] = 5.0

    assert change_point(losses) == 100 - SHORTEST
