"""Rows that were drawn again count once; rows that are alike by nature count all."""

import numpy as np
import pytest

from selfheal.model.reference_rows import distinct_rows
from selfheal.model.repeated_rows import repetition


def _new(values: np.ndarray) -> int:
    return int(repetition(values).is_new.sum())


def test_rows_drawn_again_from_a_small_pool_count_once() -> None:
    rng = np.random.default_rng(0)
    pool = rng.normal(size=(300, 4))
    assert _new(pool[rng.integers(300, size=5_000)]) == 300


def test_a_row_that_repeats_another_counts_where_it_came_last() -> None:
    rng = np.random.default_rng(1)
    values = np.tile(rng.normal(size=(50, 2)), (4, 1))
    found = repetition(values)
    assert found.is_new[150:].all()
    assert not found.is_new[:150].any()
    assert found.new_shares([50, 100, 200]).tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5])
def test_flags_repeat_by_nature(share: float) -> None:
    rng = np.random.default_rng(2)
    assert _new((rng.random((4_000, 12)) < share).astype(float)) == 4_000


def test_one_of_few_kinds_repeats_by_nature() -> None:
    rng = np.random.default_rng(3)
    assert _new(np.eye(10)[rng.integers(10, size=4_000)]) == 4_000


def test_kinds_with_a_long_tail_repeat_by_nature() -> None:
    rng = np.random.default_rng(4)
    kinds = (rng.random((30_000, 9)) < 0.3).astype(float) + rng.integers(2, size=(30_000, 9))
    weight = 1.0 / np.arange(1.0, 30_001.0)
    assert _new(kinds[rng.choice(30_000, size=4_000, p=weight / weight.sum())]) == 4_000


def test_coarse_rows_drawn_again_from_a_small_pool_count_once() -> None:
    """As of a small set of ternary features, made to last by drawing its rows again."""
    rng = np.random.default_rng(5)
    pool = rng.integers(-1, 2, size=(625, 9)).astype(float)
    drawn = pool[rng.integers(625, size=4_000)]
    assert _new(drawn) == len(np.unique(drawn, axis=0)) < 640


def test_missing_values_are_alike() -> None:
    values = np.array([[0.5, np.nan], [0.7, 1.0], [0.5, np.nan]])
    assert repetition(values).is_new.tolist() == [False, True, True]


def test_no_rows_repeat_nothing() -> None:
    assert _new(np.zeros((0, 3))) == 0


def test_equal_rows_of_two_classes_are_two() -> None:
    values = np.array([[0.5], [0.5], [0.7], [0.5]])
    assert distinct_rows(values, np.array([False, True, True, True])) == (1, 2)
