"""What shares do within a day is measured on all blocks together, and chance is taken off."""

import numpy as np
import pytest

from selfheal.model.reference_rows import BLOCKS
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.model.share_wander import share_cells, share_wander

SCHEMA = Schema((Numeric("amount"), Categorical("channel", ("web", "shop"))))
WEB, SHOP, UNKNOWN, NO_AMOUNT, NO_CHANNEL = range(5)


def days(rng, rows=6_000, rows_per_day=4_000, swing=0.06):
    """The web has a quarter on average, more by day; amounts are missing more often by night."""
    day = np.sin(2 * np.pi * np.arange(rows) / rows_per_day)
    is_shop = rng.random(rows) >= 0.25 + swing * day
    amount = np.where(rng.random(rows) < 0.1 - swing * day, np.nan, 1.0)
    return np.column_stack([amount, is_shop])


def test_there_is_a_cell_for_each_level_for_unknown_ones_and_for_gaps(rng):
    assert share_cells(SCHEMA) == 5
    assert share_wander(SCHEMA, days(rng)).shape == (len(BLOCKS), 5)


def test_exchangeable_rows_stray_less_than_would_matter(rng):
    found = np.array([share_wander(SCHEMA, days(rng, swing=0.0)) for _ in range(30)])

    assert found.mean() < 0.02
    assert np.quantile(found, 0.95) < 0.05


def test_a_swing_that_no_single_block_can_show_is_found_by_all_of_them(rng):
    found = np.array([share_wander(SCHEMA, days(rng)) for _ in range(20)]).mean(axis=0)

    for cell in (WEB, SHOP, NO_AMOUNT):
        assert 0.06 < found[1, cell] < 0.11  # of blocks of 400: a tenth of a day
    assert found[:, [UNKNOWN, NO_CHANNEL]].max() == 0.0


def test_longer_blocks_stray_at_least_as_far_as_shorter_ones(rng):
    found = share_wander(SCHEMA, days(rng, rows=40_000))

    assert (np.diff(found, axis=0) >= 0).all()


@pytest.mark.parametrize("rows", [1, 100, 199])
def test_rows_that_are_too_few_to_judge_do_not_stray(rng, rows):
    np.testing.assert_array_equal(share_wander(SCHEMA, days(rng, rows)), np.zeros((4, 5)))


def test_a_feature_that_never_had_a_value_does_not_stray(rng):
    values = np.full((1_000, 2), np.nan)

    np.testing.assert_array_equal(share_wander(SCHEMA, values), np.zeros((4, 5)))
