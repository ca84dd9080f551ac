import numpy as np
import pytest

from selfheal.drift.fidi import fidi

MEAN, SD = -0.363, 1.323


def test_the_published_shift_gives_the_published_index():
    # The article: a batch mean of -2.56 against calibration -0.363 with sd 1.323.
    assert fidi([MEAN - 2.2], MEAN, SD) == pytest.approx(2.2 / 1.323)


def test_it_looks_at_the_mean_of_the_batch_means():
    assert fidi([0.0, 1.0, 5.0], mean=1.0, sd=0.5) == pytest.approx(2.0)


def test_the_direction_does_not_count():
    assert fidi([MEAN - 1.0], MEAN, SD) == fidi([MEAN + 1.0], MEAN, SD)


def test_it_is_undefined_without_batches_and_without_spread():
    assert np.isnan(fidi([], MEAN, SD))
    assert np.isnan(fidi([1.0], MEAN, 0.0))


def test_it_does_not_see_a_shift_below_one_sd_however_many_rows_show_it(rng):
    batch_means = rng.normal(0.9, 1.0, size=(1_000, 100)).mean(axis=1)

    assert fidi(batch_means.tolist(), mean=0.0, sd=1.0) < 1.0
