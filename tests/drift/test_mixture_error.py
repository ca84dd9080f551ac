"""How far a clean sample may be from its mixture: by chance, and by the hour of the day."""

import numpy as np
import pytest

from selfheal.drift.mixture import Classes
from selfheal.model.reference_rows import BLOCKS, STRAYED

GRID = np.stack([np.linspace(0.0, 1.0, 257)] * 2)


def mixture_of(wander=(0.0, 0.0, 0.0, 0.0), rows=(4_250.0, 750.0)):
    return Classes(GRID, rows, np.array(wander)).mixture(0.15)


@pytest.mark.parametrize("rows", [10, 100, 4_000])
def test_without_straying_it_is_the_standard_error_of_both_samples(rows):
    assert mixture_of().error(rows) == pytest.approx(np.sqrt(1 / rows + 1 / 5_000))


def test_a_sample_as_far_as_clean_blocks_strayed_is_two_errors_away():
    mixture = mixture_of((0.9, 0.8, 0.6, 0.5))

    for rows, stray in zip(BLOCKS, (0.9, 0.8, 0.6, 0.5), strict=True):
        assert stray / mixture.error(rows) == pytest.approx(STRAYED)


def test_between_two_blocks_the_straying_is_between_theirs_and_beyond_them_that_of_the_last():
    mixture = mixture_of((0.9, 0.8, 0.6, 0.5))

    assert mixture.error(250) == pytest.approx(0.85 / STRAYED)
    assert mixture.error(50) == pytest.approx(0.9 / STRAYED)
    assert mixture.error(50_000) == pytest.approx(0.5 / STRAYED)


def test_straying_within_chance_changes_nothing():
    assert mixture_of((0.05,) * 4).error(100) == mixture_of().error(100)


@pytest.mark.parametrize("rows", [0, -1])
def test_no_rows_are_endlessly_uncertain(rows):
    assert mixture_of().error(rows) == np.inf


def test_a_class_that_counts_and_has_no_rows_is_endlessly_uncertain():
    assert mixture_of(rows=(0.0, 10.0)).error(100) == np.inf


def test_a_distribution_that_is_known_leaves_the_samples_own_error():
    known = Classes(GRID).mixture(0.15)

    assert known.error(100) == pytest.approx(0.1)
