"""What varies within a day is measured on the training rows, and chance is not taken for it."""

import numpy as np
import pytest

from selfheal.model.reference_rows import BLOCKS, STRAYED, block_wander

ROWS = 20_000


def cyclic(rows=ROWS, rows_per_day=8_000):
    """The hour of the day, and a number that leans on it a little."""
    hour = (np.arange(rows) * 24.0 / rows_per_day) % 24
    noise = np.random.default_rng(7).normal(size=rows)
    return np.column_stack([hour, noise + 0.5 * np.sin(hour * np.pi / 12)])


def test_exchangeable_rows_do_not_stray(rng):
    found = block_wander(rng.normal(size=(ROWS, 40)))

    assert found.shape == (len(BLOCKS), 40)
    assert (found == 0.0).mean() > 0.93
    assert found.max() < 0.3


@pytest.mark.parametrize("shape", ["skewed", "tied", "constant"])
def test_exchangeable_rows_of_any_distribution_do_not_stray(rng, shape):
    columns = {
        "skewed": rng.lognormal(3, 2, (ROWS, 10)),
        "tied": rng.poisson(0.2, (ROWS, 10)).astype(np.float64),
        "constant": np.ones((ROWS, 10)),
    }[shape]

    assert (block_wander(columns) == 0.0).mean() > 0.85


def test_a_block_within_a_day_strays_as_far_as_its_part_of_the_day():
    hour = cyclic()[:, :1]

    found = block_wander(hour)[:, 0]

    for rows, stray in zip(BLOCKS[:2], found[:2], strict=True):
        # a block that spans the share p of a day at its end is 1 - p away from the whole day
        assert stray == pytest.approx(1.0 - rows / 8_000, abs=0.1)


def test_a_feature_that_leans_on_the_hour_strays_less_than_the_hour():
    hour, leaning = block_wander(cyclic())[2]

    assert hour > 0.7
    assert 0.1 < leaning < 0.4


def test_blocks_of_whole_days_are_taken_to_stray_as_shorter_ones_that_do_for_certain():
    found = block_wander(cyclic(rows_per_day=4_000))[:, 0]

    # the stream may be denser than its sample: 4,000 of its rows may be a part of a day
    assert (np.diff(found) >= 0.0).all()
    assert found[-1] > 0.9


def test_a_short_block_that_strays_by_chance_says_nothing_of_long_ones(rng):
    values = rng.normal(size=(ROWS, 1))
    values[5_000:5_100] += 0.65  # just beyond chance

    found = block_wander(values)[:, 0]

    assert found[0] > 0.0
    assert found[-1] == 0.0


def test_blocks_that_the_rows_cannot_judge_stray_like_the_longest_that_they_can():
    found = block_wander(cyclic(rows=2_000, rows_per_day=1_000))[:, 0]

    assert found[1] > 0.4
    assert found[2] == found[3] >= found[1]


def test_missing_values_are_left_out_and_the_rest_is_judged_by_its_own_rows(rng):
    hour = cyclic(rows=5_000)[:, :1]
    sparse = hour.copy()
    sparse[rng.random(5_000) < 0.6] = np.nan

    found = block_wander(sparse)[:, 0]

    assert found[0] > 0.9
    assert found[3] > 0.5  # 2,000 values cannot judge blocks of 1,600, and are not clean for that


@pytest.mark.parametrize("rows", [0, 1, 199])
def test_too_few_rows_show_no_straying(rng, rows):
    np.testing.assert_array_equal(block_wander(rng.normal(size=(rows, 2))), np.zeros((4, 2)))


def test_no_features_and_no_values_have_no_straying():
    assert block_wander(np.zeros((1_000, 0))).shape == (4, 0)
    np.testing.assert_array_equal(block_wander(np.full((1_000, 1), np.nan)), np.zeros((4, 1)))


def test_rows_in_another_order_than_that_of_time_hide_the_cycle(rng):
    shuffled = rng.permutation(cyclic())

    assert (block_wander(shuffled) < 0.3).all()


def test_blocks_that_scatter_more_than_chance_stray_though_none_does_for_certain():
    """As what leans a little on the hour: no block is far away, all together are further."""
    hour = cyclic(rows=10_000)[:, :1]
    noise = np.random.default_rng(11).normal(size=(10_000, 1))
    leaning = noise + 0.15 * np.sin(hour * np.pi / 12)

    found = block_wander(leaning)[:, 0]

    chance = STRAYED / np.sqrt(BLOCKS)
    assert found[2] > 1.2 * chance[2]
    assert found[0] < 1.5 * chance[0]
