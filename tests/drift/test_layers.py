"""DeepDrift's monitor: its rate does not depend on the batch, its states follow one table."""

import numpy as np
import pytest

from selfheal.drift.layers import (
    TRANSITIONS,
    LayerLimits,
    LayerMean,
    LayerMonitor,
    LayerSign,
    LayerState,
    slope,
)

NAMES = ("backbone.1", "backbone", "reflexive")
CLEAN = {name: LayerMean(1e9, 0.0, 1.0) for name in NAMES}


def look(rng, rows, shifts=(0.0, 0.0, 0.0)):
    """Means over so many rows of three layers."""
    return {
        name: LayerMean(rows, rng.normal(shift, rows**-0.5), 1.0)
        for name, shift in zip(NAMES, shifts, strict=True)
    }


@pytest.mark.parametrize("rows", [8, 512, 5_000])
def test_z_has_one_spread_whatever_the_batch_and_the_baseline(rng, rows):
    z = []
    for _ in range(400):
        baseline = {"a": LayerMean(1_000, rng.normal(0, 1_000**-0.5), 1.0)}
        looked = {"a": LayerMean(rows, rng.normal(0, rows**-0.5), 1.0)}
        z.append(LayerMonitor(baseline).update(looked).profile[0].z)

    assert np.std(z) == pytest.approx(1.0, abs=0.12)


@pytest.mark.parametrize("rows", [8, 100, 1_000, 5_000])
def test_it_alarms_at_its_stated_run_length_on_a_stream_that_does_not_change(rng, rows):
    limits = LayerLimits(0.0, 0.0, 0.0, 20, 0.0, run_length=80, warning_length=80)
    looks = alarms = 0
    for _ in range(60):
        baseline = {
            name: LayerMean(1_000, mean.mean, 1.0) for name, mean in look(rng, 1_000).items()
        }
        monitor = LayerMonitor(baseline, limits)
        for _ in range(40):
            looks += 1
            if monitor.update(look(rng, rows)).layers:
                alarms += 1
                break

    assert alarms / looks < 1.3 / 40


def test_the_published_slope_warns_at_every_fifth_look_of_nothing(rng):
    z = rng.standard_normal((2_000, 20))

    warned = np.mean([abs(slope(row)) > 0.05 for row in z])

    assert warned == pytest.approx(0.2, abs=0.03)


def test_an_abrupt_shift_warns_at_its_first_look_and_is_critical_at_the_second(rng):
    monitor = LayerMonitor(CLEAN)
    for _ in range(20):
        assert monitor.update(look(rng, 256)).state is LayerState.CALM

    first, second = (monitor.update(look(rng, 256, (0.9, 0.7, 0.5))) for _ in range(2))

    assert (first.state, second.state) == (LayerState.WARNING, LayerState.CRITICAL)
    assert first.layers == second.layers == NAMES


def test_a_slow_shift_is_warned_of_before_it_is_critical(rng):
    monitor, first = LayerMonitor(CLEAN), {}
    for step in range(60):
        report = monitor.update(look(rng, 256, (0.01 * max(step - 20, 0), 0.0, 0.0)))
        first.setdefault(report.state, step)

    assert 20 < first[LayerState.WARNING] < first[LayerState.CRITICAL] < 55


def test_recovery_needs_z_well_below_the_limit():
    monitor, rows = LayerMonitor({"a": LayerMean(1e9, 0.0, 1.0)}), 100

    def state_at(z):
        return monitor.update({"a": LayerMean(rows, z / rows**0.5, 1.0)}).state

    states = [state_at(z) for z in (9.0, 9.0, 2.9, 2.0, 1.4)]

    assert states == [LayerState.WARNING, *[LayerState.CRITICAL] * 3, LayerState.CALM]


def test_a_shift_too_small_to_matter_is_no_alarm_in_any_number_of_rows(rng):
    monitor = LayerMonitor(CLEAN)

    states = {monitor.update(look(rng, 100_000, (0.1, 0.0, 0.0))).state for _ in range(30)}

    assert states == {LayerState.CALM}


@pytest.mark.parametrize(
    ("shifts", "diagnosis"),
    [
        ((0.9, 0.5, 0.5), "sensor_failure"),
        ((0.5, 0.9, 0.5), "spurious_correlation"),
        ((0.5, 0.5, 0.9), "geometric_collapse"),
    ],
)
def test_the_strongest_layer_s_place_gives_the_diagnosis(rng, shifts, diagnosis):
    report = LayerMonitor(CLEAN).update(look(rng, 512, shifts))

    assert report.diagnosis == diagnosis
    assert report.layers[0] == NAMES[int(np.argmax(shifts))]


def test_the_profile_holds_every_layer_in_the_order_of_the_network(rng):
    profile = LayerMonitor(CLEAN).update(look(rng, 512, (0.0, 0.5, 0.0))).profile

    assert tuple(figure.layer for figure in profile) == NAMES
    assert profile[1].shift == pytest.approx(0.5, abs=0.1)
    assert profile[1].z == pytest.approx(profile[1].shift * 512**0.5, rel=1e-3)


def test_layers_that_were_not_looked_at_stay_as_they_were(rng):
    monitor = LayerMonitor(CLEAN)
    for _ in range(2):
        monitor.update(look(rng, 512, (0.5, 0.0, 0.0)))

    report = monitor.update({"stranger": LayerMean(9.0, 0.0, 1.0)})

    assert report.state is LayerState.CRITICAL
    assert report.profile == ()


def test_no_sign_leads_out_of_the_table(rng):
    for (state, sign), after in TRANSITIONS.items():
        assert state is not after
        assert isinstance(sign, LayerSign)
    assert (LayerState.CRITICAL, LayerSign.BETWEEN) not in TRANSITIONS
    assert (LayerState.WARNING, LayerSign.BETWEEN) not in TRANSITIONS
