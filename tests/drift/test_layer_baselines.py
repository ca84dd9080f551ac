"""A monitor for each adapter version."""

import numpy as np

from selfheal.drift.layer_baselines import CALIBRATION_ROWS, VersionedLayers
from selfheal.drift.layers import LayerMean, LayerState
from selfheal.drift.moments import moments

CLEAN = {name: LayerMean(5_000, 1.0, 0.5) for name in ("first", "second")}


def levels(rng, rows, mean):
    return moments(rng.normal(mean, 0.5, size=(rows, 2)))


def test_a_heal_that_changes_the_layers_is_not_drift(rng):
    watched = VersionedLayers(CLEAN)

    before = [watched.update("base", levels(rng, 300, 2.0)) for _ in range(2)][-1]
    states = {watched.update("v1", levels(rng, 300, 2.0)).state for _ in range(20)}

    assert before.state is LayerState.CRITICAL
    assert states == {LayerState.CALM}
    assert watched.update("v1", levels(rng, 300, 2.0)).profile


def test_a_version_is_calm_until_it_is_calibrated_and_watched_from_then_on(rng):
    watched = VersionedLayers(CLEAN)
    calibrating = -(-CALIBRATION_ROWS // 300)
    first = [watched.update("v1", levels(rng, 300, 2.0)) for _ in range(calibrating)]

    report = [watched.update("v1", levels(rng, 300, 1.0)) for _ in range(2)][-1]

    assert {(each.state, each.profile) for each in first} == {(LayerState.CALM, ())}
    assert report.profile
    assert report.state is LayerState.CRITICAL


def test_a_version_that_comes_back_keeps_its_baseline(rng):
    watched = VersionedLayers(CLEAN)
    for _ in range(4):
        watched.update("v1", levels(rng, 300, 2.0))

    assert watched.update("base", levels(rng, 300, 1.0)).state is LayerState.CALM
    assert watched.update("v1", levels(rng, 300, 2.0)).state is LayerState.CALM
    assert watched.update("base", levels(rng, 300, 2.0)).state is LayerState.WARNING


def test_rows_without_layers_change_nothing(rng):
    watched = VersionedLayers(CLEAN)

    report = watched.update("base", moments(np.empty((0, 2))))

    assert report.state is LayerState.CALM
    assert report.profile == ()


def test_a_network_without_named_layers_has_nothing_to_watch():
    report = VersionedLayers({}).update("v1", moments(np.empty((0, 0))))

    assert report.profile == ()
