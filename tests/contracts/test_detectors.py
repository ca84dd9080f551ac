"""What every drift detector promises, on one list: a figure over its limit, above 1 an alarm."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest

from selfheal.drift.alarms import AlarmBudget
from selfheal.drift.baseline import Baseline, moment_shift
from selfheal.drift.categories import category_drift
from selfheal.drift.ks import critical_distance, standard_error
from selfheal.drift.ks_two_sample import two_sample_distance
from selfheal.drift.latent import LatentMonitor
from selfheal.drift.layers import LayerLimits, LayerMean, LayerMonitor
from selfheal.drift.moments import moments
from selfheal.drift.psi import psi, psi_limit
from selfheal.drift.shares import Shares, observed_shares
from selfheal.drift.summary_drift import binned_drift

CLEAN_ROWS = 5_000
RATE = AlarmBudget(run_length=2_000, tests=1).rate

Detector = Callable[[np.ndarray], float]


def edges_of(clean: np.ndarray) -> np.ndarray:
    return np.quantile(clean, np.arange(1, 20) / 20)


def counts_of(rows: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, rows, side="right"), minlength=20)


def shares_of(clean: np.ndarray) -> Shares:
    return Shares(observed_shares(counts_of(clean, edges_of(clean))), len(clean))


def two_sample(clean: np.ndarray) -> Detector:
    def excess(rows):
        error = standard_error(len(rows), len(clean))
        return two_sample_distance(rows, clean) / (critical_distance(RATE) * error)

    return excess


def binned(clean: np.ndarray) -> Detector:
    shares, edges = shares_of(clean), edges_of(clean)
    return lambda rows: binned_drift(counts_of(rows, edges), shares, RATE).excess


def stability_index(clean: np.ndarray) -> Detector:
    shares, edges = shares_of(clean), edges_of(clean)
    return lambda rows: (
        psi(counts_of(rows, edges), shares) / psi_limit(RATE, 20, len(rows), len(clean))
    )


def categories(clean: np.ndarray) -> Detector:
    """Four levels: the quarters of the clean rows."""
    edges = np.quantile(clean, [0.25, 0.5, 0.75])

    def counts(rows):
        return np.bincount(np.searchsorted(edges, rows), minlength=5)

    shares = Shares(observed_shares(counts(clean)), len(clean))
    return lambda rows: category_drift(counts(rows), shares).excess(RATE)


def mean_and_spread(clean: np.ndarray) -> Detector:
    found = moments(clean[:, None])
    base = Baseline(
        rows=found.count.astype(float),
        mean=found.mean,
        sd=found.sd,
        lowest=found.lowest,
        highest=found.highest,
        quantiles=edges_of(clean)[None],
        kurtosis=np.array([3.0]),
    )
    return lambda rows: float(moment_shift(base, moments(rows[:, None])).excess(RATE)[0])


def latents(clean: np.ndarray) -> Detector:
    monitor = LatentMonitor(clean[:, None], rows=5_000)
    return lambda rows: (
        LatentMonitor.update(pickle.loads(pickle.dumps(monitor)), rows[:, None]).excess
    )


def layers(clean: np.ndarray) -> Detector:
    def level(rows):
        return {"layer": LayerMean(len(rows), float(rows.mean()), float(rows.std()))}

    limits = LayerLimits()

    def excess(rows):
        figure = LayerMonitor(level(clean), limits).update(level(rows)).profile[0]
        return min(abs(figure.z) / limits.z_limit(1), abs(figure.shift) / limits.smallest_effect)

    return excess


DETECTORS = [two_sample, binned, stability_index, categories, mean_and_spread, latents, layers]

detectors = pytest.mark.parametrize("detector", DETECTORS, ids=lambda make: make.__name__)


@detectors
@pytest.mark.parametrize("rows", [100, 1_000, 5_000])
def test_it_is_quiet_on_a_stream_that_does_not_change_whatever_the_batch(detector, rng, rows):
    alarms = sum(
        detector(rng.normal(size=CLEAN_ROWS))(rng.normal(size=rows)) > 1.0 for _ in range(60)
    )

    assert alarms == 0


@detectors
@pytest.mark.parametrize(("rows", "shift"), [(100, 1.5), (1_000, 0.5), (5_000, 0.35)])
def test_it_alarms_at_the_first_batch_after_an_onset(detector, rng, rows, shift):
    excess = detector(rng.normal(size=CLEAN_ROWS))

    assert excess(rng.normal(shift, size=rows)) > 1.0


@detectors
def test_it_leaves_its_input_as_it_was(detector, rng):
    clean, rows = rng.normal(size=CLEAN_ROWS), rng.normal(size=500)
    before = clean.copy(), rows.copy()

    detector(clean)(rows)

    np.testing.assert_array_equal(clean, before[0])
    np.testing.assert_array_equal(rows, before[1])


@detectors
def test_the_same_rows_give_the_same_figure(detector, rng):
    clean, rows = rng.normal(size=CLEAN_ROWS), rng.normal(size=500)

    assert detector(clean)(rows) == detector(clean)(rows)


def test_what_keeps_a_state_pickles_with_it(rng):
    monitor = LayerMonitor({"layer": LayerMean(1_000, 0.0, 1.0)})
    monitor.update({"layer": LayerMean(500, 2.0, 1.0)})

    copied = pickle.loads(pickle.dumps(monitor))

    looked = {"layer": LayerMean(500, 0.15, 1.0)}
    assert copied.update(looked) == monitor.update(looked)
