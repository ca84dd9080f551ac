"""Episodes of drift and the verdict on them, as the healer's core tells of both."""

from dataclasses import replace

import pytest

from healer.judging import judged
from healer.lifecycle import State
from healer.policy import Judge, RollBack
from selfheal.records.healing_events import (
    DriftCleared,
    DriftDetected,
    HealStarted,
    LabelsNeeded,
    StateChanged,
)
from tests.healer.script import ALARM, CLEAR, GOOD, HEAL, HELD, LOST, of_kind, told

ROLL_BACK = RollBack("v1", "below_shadow", labelled_rows=300, f1_drop=0.2)


def test_a_superseded_heal_asks_for_no_labels(driver):
    driver.step(ALARM, HEAL)
    driver.serve("v9")

    assert not of_kind(driver.healer.finish(LOST, now_ms=5), LabelsNeeded)


def test_an_episode_alarms_once(driver):
    first = driver.step(ALARM)

    assert driver.step(ALARM) + driver.step(ALARM, ALARM) == []
    (detected,) = of_kind(first, DriftDetected)
    assert (detected.episode, detected.features, detected.onset_ms) == (1, ("V14",), 7)


def test_an_episode_ends_with_its_duration_and_the_next_one_alarms_again(driver):
    driver.step(ALARM, now_ms=1_000)

    (cleared,) = of_kind(driver.step(CLEAR, now_ms=4_000), DriftCleared)
    (again,) = of_kind(driver.step(ALARM), DriftDetected)

    assert (cleared.episode, cleared.duration_s) == (1, 3.0)
    assert again.episode == 2


@pytest.mark.parametrize("detector", ["ks", "likelihood", "label_loss"])
def test_the_end_of_a_drift_names_the_detector_that_raised_the_alarm(driver, detector):
    driver.step(replace(ALARM, detector=detector))

    (cleared,) = of_kind(driver.step(CLEAR), DriftCleared)

    assert cleared.detector == detector


def test_no_drift_is_cleared_where_none_was_detected(driver):
    assert driver.step(CLEAR) == []


def test_a_heal_names_the_episode_that_it_answers(driver):
    (without,) = of_kind(driver.heal(HELD), HealStarted)
    driver.step(ALARM)
    (within,) = of_kind(driver.heal(HELD), HealStarted)

    assert (without.episode, within.episode) == (None, 1)


def test_a_heal_that_is_held_leaves_a_drift_drifting_and_a_healthy_stream_healthy(driver):
    driver.heal(HELD)
    assert driver.healer.state is State.HEALTHY

    driver.step(ALARM)
    driver.heal(HELD)
    assert driver.healer.state is State.DRIFTING


def test_labels_are_asked_for_once_while_a_drift_that_needs_them_lasts(driver):
    driver.step(ALARM)

    first, second = driver.heal(LOST), driver.heal(LOST)

    (needed,) = of_kind(first, LabelsNeeded)
    assert (needed.reason, needed.episode) == ("signal_lost", 1)
    assert not of_kind(second, LabelsNeeded)
    assert driver.healer.verdict == "labels_needed"
    assert of_kind(first, StateChanged)[-1].verdict == "labels_needed"


def test_labels_are_not_asked_for_without_a_drift(driver):
    assert not of_kind(driver.heal(LOST), LabelsNeeded)
    assert driver.healer.verdict == "stable"


def test_a_heal_that_is_published_after_all_ends_the_need_for_labels(driver):
    driver.step(ALARM)
    driver.heal(LOST)
    driver.heal(GOOD)

    assert driver.healer.verdict == "healed"


@pytest.mark.parametrize(("version", "verdict"), [("base", "stable"), ("v1", "healed")])
def test_a_drift_that_is_over_leaves_the_verdict_of_what_serves(driver, version, verdict):
    driver.step(ALARM)
    driver.heal(GOOD)
    driver.serve(version)

    driver.step(CLEAR)

    assert driver.healer.verdict == verdict


def test_a_batch_that_is_judged_bears_the_state(driver):
    driver.step(ALARM)
    evidence = driver.healer.evidence()
    figures = judged(evidence.window.joined(0), evidence)

    (event,) = told(driver.step(Judge(figures)))

    assert event.state == "DRIFTING"
