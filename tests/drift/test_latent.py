"""Latent windows: quiet on clean rows, loud on moved ones; the published limits beside ours."""

import numpy as np
import pytest
from scipy import stats

from selfheal.drift.latent import LatentMonitor

UNITS = 32


def latents(rng, rows, shift=0.0):
    """Half the units rectified and correlated, as a network's are; one always silent."""
    shared = rng.normal(size=(rows, 1))
    hidden = 0.6 * shared + rng.normal(shift, 1.0, size=(rows, UNITS))
    hidden[:, ::2] = np.maximum(hidden[:, ::2], 0.0)
    hidden[:, 0] = 0.0
    return hidden.astype(np.float32)


@pytest.mark.parametrize("rows", [100, 500])
def test_clean_windows_alarm_no_more_often_than_stated_where_the_published_limit_does(rng, rows):
    looks = []
    for _ in range(60):
        monitor = LatentMonitor(latents(rng, 2_000), rows, run_length=50)
        looks.append(monitor.update(latents(rng, rows)))

    assert np.mean([look.excess > 1.0 for look in looks]) <= 0.07
    assert np.mean([look.is_published_alarm for look in looks]) > 0.5


def test_a_shift_is_found_in_a_hundred_rows(rng):
    monitor = LatentMonitor(latents(rng, 2_000), rows=100)

    look = monitor.update(latents(rng, 100, shift=0.8))

    assert look.excess > 1.0
    assert look.rows == 100


def test_the_distance_is_scipy_s_of_the_worst_unit(rng):
    clean, window = latents(rng, 400), latents(rng, 200, shift=0.2)

    look = LatentMonitor(clean, rows=200).update(window)

    all_units = [stats.ks_2samp(a, b).statistic for a, b in zip(window.T, clean.T, strict=True)]
    assert look.distance == pytest.approx(max(all_units))
    assert look.unit == int(np.argmax(all_units))


def test_the_window_slides(rng):
    clean = latents(rng, 1_000)
    monitor = LatentMonitor(clean, rows=200)

    monitor.update(latents(rng, 200, shift=2.0))
    rows = [monitor.update(part).rows for part in np.split(latents(rng, 200), 4)]
    after = monitor.update(np.empty((0, UNITS), np.float32))

    assert rows == [200] * 4
    assert after.excess < 1.0


def test_a_unit_that_was_always_silent_and_speaks_is_an_alarm(rng):
    monitor = LatentMonitor(latents(rng, 2_000), rows=200)
    window = latents(rng, 200)
    window[:150, 0] = 1.0

    look = monitor.update(window)

    assert look.excess > 1.0
    assert look.unit == 0


def test_feature_maps_are_flattened_and_no_rows_are_no_drift(rng):
    monitor = LatentMonitor(rng.normal(size=(100, 2, 3, 3)), rows=50)

    assert monitor.update(np.empty((0, 2, 3, 3))).excess == 0.0
    assert monitor.update(rng.normal(size=(50, 2, 3, 3))).rows == 50
