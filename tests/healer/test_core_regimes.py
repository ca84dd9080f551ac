"""What the core does about studies, and about regimes that are back."""

from dataclasses import replace

import pytest

from healer.actions import Heals, PointBack, Train
from healer.lifecycle import State
from healer.policy import Restore
from selfheal.records.healing_events import (
    DriftCleared,
    DriftDetected,
    StateChanged,
    VersionActivated,
)
from tests.healer.script import ALARM, GOOD, HEAL, STUDIED, STUDY, of_kind, told


def test_a_study_runs_beside_the_polling_and_nobody_is_told(driver):
    actions = driver.step(STUDY)

    assert [type(action) for action in actions] == [Train]
    assert driver.healer.finish(STUDIED, now_ms=5) == []
    assert driver.script.lessons == ["what was learned"]
    assert (driver.healer.heals, driver.healer.state) == (Heals(), State.HEALTHY)


def test_a_study_and_a_heal_keep_each_other_waiting(driver):
    driver.step(STUDY)
    assert driver.step(HEAL) == []

    driver.healer.finish(STUDIED, now_ms=0)
    driver.step(HEAL)
    assert driver.step(STUDY) == []
    assert driver.healer.heals.attempted == 1


def test_a_study_that_fails_is_no_failed_heal(driver):
    driver.step(ALARM)
    driver.step(STUDY)

    assert driver.healer.failed("ValueError", now_ms=5) == []
    assert (driver.healer.heals, driver.healer.state) == (Heals(), State.DRIFTING)
    assert not driver.healer.evidence().is_healing


def test_what_was_studied_is_learned_though_another_version_serves_by_then(driver):
    driver.step(STUDY)
    driver.serve("v9")

    driver.healer.finish(STUDIED, now_ms=5)

    assert driver.script.lessons == ["what was learned"]


@pytest.mark.parametrize(("version", "verdict"), [("v1", "healed"), ("base", "stable")])
def test_a_regime_that_is_back_gets_its_version_back(driver, version, verdict):
    driver.serve("v2")
    driver.step(ALARM)

    (point_back,) = driver.step(Restore(version))
    assert isinstance(point_back, PointBack)
    driver.serve(version)
    actions = driver.healer.pointed_back(point_back.intent, previous="v2", now_ms=0)

    (now,) = of_kind(actions, VersionActivated)
    (change,) = of_kind(actions, StateChanged)
    assert (now.version, now.previous_version, now.cause) == (version, "v2", "regime")
    assert (change.state, change.cause, change.verdict) == ("HEALTHY", "restored", verdict)
    assert driver.healer.heals.rolled_back == 0


def test_a_heal_that_was_under_way_when_a_regime_came_back_is_not_published(driver):
    driver.serve("v2")
    driver.step(ALARM, HEAL)
    driver.serve("v1")
    driver.healer.pointed_back(Restore("v1"), previous="v2", now_ms=0)

    driver.healer.finish(GOOD, now_ms=0)

    assert driver.script.ends == [("superseded", None)]
    assert driver.healer.state is State.HEALTHY


def test_drift_that_comes_after_a_restored_regime_was_clear_alarms_again(driver):
    driver.step(ALARM)
    driver.serve("v1")
    driver.healer.pointed_back(Restore("v1"), previous="base", now_ms=0)

    assert of_kind(driver.step(ALARM), DriftDetected)


@pytest.mark.parametrize("detector", ["ks", "label_loss"])
def test_a_regime_that_is_back_ends_the_drift_under_the_version_that_serves_now(driver, detector):
    driver.serve("v2")
    driver.step(replace(ALARM, detector=detector), now_ms=1_000)
    driver.serve("v1")

    actions = driver.healer.pointed_back(Restore("v1"), previous="v2", now_ms=4_000)

    assert [type(event) for event in told(actions)] == [
        VersionActivated,
        StateChanged,
        DriftCleared,
    ]
    (cleared,) = of_kind(actions, DriftCleared)
    assert (cleared.version, cleared.detector, cleared.duration_s) == ("v1", detector, 3.0)


def test_a_version_that_is_restored_in_a_healthy_state_changes_no_state(driver):
    driver.serve("v1")

    actions = driver.healer.pointed_back(Restore("v1"), previous="v2", now_ms=0)

    assert [type(event) for event in told(actions)] == [VersionActivated]


def test_a_reset_serves_no_adapter_and_the_drift_goes_on(driver):
    driver.serve("v1")
    driver.step(ALARM)
    driver.serve("base")

    actions = driver.healer.pointed_back(Restore("base", "reset"), previous="v1", now_ms=0)

    (event,) = of_kind(actions, VersionActivated)
    assert (event.version, event.previous_version, event.cause) == ("base", "v1", "reset")
    assert not of_kind(actions, DriftCleared)
    assert driver.healer.state is State.DRIFTING
