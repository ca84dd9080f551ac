"""The stream's test: quiet at the stated rate where nothing moves, in time where something does."""

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.stats import norm

from healer.regime_check import SMALLEST_EFFECT, SUFFIXES, RegimeCheck, regime_check
from selfheal.drift.binned_ks import Bins
from selfheal.drift.ks import critical_distance, ks_distance
from selfheal.drift.mixture import Classes, Mixture
from selfheal.model.repeated_rows import repetition

WINDOW = 4_000
RATE = 1e-6
"""As the policy's settings have it."""


def normal_mixture(rows: float = np.inf, sample: np.ndarray | None = None) -> Mixture:
    """Of one class N(0, 1): known exactly, or from the quantiles of a sample."""
    steps = np.linspace(0.0, 1.0, 257)
    exact = norm.ppf(np.clip(steps, 1e-6, 1 - 1e-6))
    quantiles = exact if sample is None else np.quantile(sample, steps)
    return Classes(np.stack([quantiles, quantiles]), (rows, rows)).mixture(0.0)


def checked(stream: np.ndarray, mixtures: Sequence[Mixture], rate: float) -> RegimeCheck:
    bins = Bins.of(mixtures)
    return regime_check(bins.codes(stream), bins, rate)


def alarms_over(stream: np.ndarray, mixtures: list[Mixture], every: int, rate: float) -> int:
    """Alarms where the newest rows are tested after every so many."""
    bins = Bins.of(mixtures)
    codes = bins.codes(stream)
    ends = range(every, len(stream) + 1, every)
    checks = (regime_check(codes[max(0, end - WINDOW) : end], bins, rate) for end in ends)
    return sum(check.is_alarm for check in checks)


@pytest.mark.parametrize("every", [100, 1_000, 5_000])
def test_a_stationary_stream_does_not_alarm_whatever_the_batch_size(rng, every):
    stream = rng.normal(size=(100_000, 5))

    assert alarms_over(stream, [normal_mixture()] * 5, every, RATE) == 0


@pytest.mark.parametrize("every", [100, 1_000, 5_000])
def test_a_reference_from_a_thousand_rows_is_not_taken_for_the_truth(rng, every):
    for _ in range(20):
        mixture = normal_mixture(1_000, rng.normal(size=1_000))
        stream = rng.normal(size=(5_000, 1))

        assert alarms_over(stream, [mixture], every, RATE) == 0


@pytest.mark.parametrize("length", [100, 400])
@pytest.mark.parametrize("rate", [0.05, 0.01])
def test_the_stated_rate_bounds_what_one_test_alarms_by_chance(rng, length, rate):
    repetitions = 2_000
    mixture = normal_mixture()
    alarms = 0
    for _ in range(repetitions):
        check = checked(rng.normal(size=(length, 1)), [mixture], rate)
        alarms += check.is_alarm

    tests = sum(suffix <= length for suffix in SUFFIXES)
    share = alarms / (repetitions * tests)
    assert share <= rate + 3.0 * np.sqrt(rate / repetitions)
    assert share > rate / 10  # the bound is not so wide that the rate would mean nothing


@pytest.mark.parametrize(("shift", "within"), [(2.2, 100), (1.0, 300), (0.5, 700), (0.25, 1_600)])
def test_a_shift_of_the_mean_alarms_within_so_many_rows(rng, shift, within):
    clean = rng.normal(size=(WINDOW, 3))
    drifted = rng.normal(size=(within, 3)) + np.array([0.0, shift, 0.0])

    stream = np.concatenate([clean, drifted])[-WINDOW:]
    check = checked(stream, [normal_mixture()] * 3, RATE)

    assert check.is_alarm
    assert check.features == (1,)


def test_the_worst_feature_comes_first_and_quiet_ones_are_not_named(rng):
    stream = rng.normal(size=(WINDOW, 4)) + np.array([0.6, 0.0, 2.0, 0.0])

    check = checked(stream, [normal_mixture()] * 4, RATE)

    assert check.features == (2, 0)
    assert check.distance == pytest.approx(2 * norm.cdf(1.0) - 1, abs=0.03)
    assert check.excess == pytest.approx(check.distance / check.threshold)


def test_a_change_of_spread_alone_alarms(rng):
    stream = 1.5 * rng.normal(size=(WINDOW, 1))

    assert checked(stream, [normal_mixture()], RATE).is_alarm


def test_an_effect_that_is_too_small_to_matter_does_not_alarm_however_sure_it_is(rng):
    shift = 2 * norm.ppf(0.5 + 0.8 * SMALLEST_EFFECT / 2)  # a K-S distance of 0.8 of the smallest
    stream = rng.normal(size=(WINDOW, 1)) + shift

    assert not checked(stream, [normal_mixture()], rate=0.5).is_alarm


def test_rows_whose_value_is_missing_are_left_out(rng):
    stream = rng.normal(size=(WINDOW, 2))
    stream[rng.random(WINDOW) < 0.5, 0] = np.nan
    stream[:, 1] = np.nan

    assert not checked(stream, [normal_mixture()] * 2, RATE).is_alarm


@pytest.mark.parametrize("rows", [0, 99])
def test_too_few_rows_are_quiet(rows):
    check = checked(np.full((rows, 1), 50.0), [normal_mixture()], RATE)

    assert (check.is_alarm, check.rows, check.features) == (False, 0, ())


def test_a_schema_without_numeric_features_is_quiet():
    assert not checked(np.zeros((500, 0)), [], RATE).is_alarm


def first_alarms(stream: np.ndarray, mixture: Mixture) -> tuple[int, int]:
    """Rows at the first alarm: of the test as it is, and of exact distances of sorted rows."""
    bins, critical = Bins.of([mixture]), critical_distance(RATE)
    codes = bins.codes(stream)

    def exact(newest: np.ndarray) -> bool:
        thresholds = (max(critical * mixture.error(rows), SMALLEST_EFFECT) for rows in SUFFIXES)
        return any(
            ks_distance(newest[-rows:, 0], mixture) > threshold
            for rows, threshold in zip(SUFFIXES, thresholds, strict=True)
        )

    ends = range(WINDOW, len(stream) + 1, 100)
    tests = (
        (lambda end: regime_check(codes[end - WINDOW : end], bins, RATE).is_alarm),
        (lambda end: exact(stream[end - WINDOW : end])),
    )
    binned, of_sorted = (next(end for end in ends if test(end)) for test in tests)
    return binned, of_sorted


@pytest.mark.parametrize("shift", [2.2, 0.8, 0.4, 0.2])
def test_bins_find_a_shift_as_soon_as_exact_distances_of_sorted_rows(rng, shift):
    later: list[int] = []
    for _ in range(10):
        sample = rng.normal(size=5_000)
        stream = rng.normal(size=(WINDOW + 4_000, 1))
        stream[WINDOW:] += shift

        binned, exact = first_alarms(stream, normal_mixture(5_000, sample))
        later.append(binned - exact)

    assert np.median(later) == 0
    assert abs(np.mean(later)) <= 50


def test_a_stream_drawn_from_a_small_pool_alarms_only_while_its_rows_are_taken_for_new(rng):
    mixture = normal_mixture(5_000, rng.normal(size=5_000))
    bins = Bins.of([mixture])
    pools = [rng.normal(size=400) for _ in range(20)]
    streams = [rng.choice(pool, size=4_000)[:, None] for pool in pools]

    as_new = [regime_check(bins.codes(each), bins, 1e-4).is_alarm for each in streams]
    as_drawn = [
        regime_check(bins.codes(each), bins, 1e-4, repetition(each)).is_alarm for each in streams
    ]

    assert sum(as_new) >= 3
    assert sum(as_drawn) == 0


def test_a_pool_that_has_moved_still_alarms(rng):
    bins = Bins.of([normal_mixture()])
    stream = rng.choice(rng.normal(1.0, 1.0, size=400), size=4_000)[:, None]

    assert regime_check(bins.codes(stream), bins, RATE, repetition(stream)).is_alarm
