"""The healer's core, driven by hand: what it says and does about a policy's intents."""

from dataclasses import replace

import numpy as np
import pytest

from consumer.live import base
from healer.actions import Heals, PointBack, Publish, Say, Train
from healer.lifecycle import State
from healer.policy import Confirm, RollBack
from selfheal.model.errors import FeatureError
from selfheal.records.healing_events import (
    DriftDetected,
    GateDecided,
    HealConfirmed,
    HealFailed,
    HealHeld,
    HealPublished,
    HealStarted,
    StateChanged,
    VersionActivated,
    VersionRolledBack,
)
from tests.drift.traffic_of import summary_of
from tests.healer.rows import conflict, label, sample
from tests.healer.script import ALARM, GOOD, HEAL, HELD, Driver, of_kind, told

ROLL_BACK = RollBack("v1", "below_shadow", labelled_rows=300, f1_drop=0.2)


def test_a_heal_is_told_from_the_alarm_to_the_activation_in_this_order(driver):
    actions = driver.step(ALARM, HEAL)
    actions += driver.healer.finish(GOOD, now_ms=9)
    actions += driver.publish(actions)

    kinds = [type(action.event) if isinstance(action, Say) else type(action) for action in actions]
    assert kinds == [
        *(DriftDetected, StateChanged, HealStarted, StateChanged, Train),
        *(GateDecided, Publish),
        *(HealPublished, VersionActivated, StateChanged),
    ]
    changes = of_kind(actions, StateChanged)
    assert [change.state for change in changes] == ["DRIFTING", "HEALING", "HEALTHY"]
    assert [change.cause for change in changes] == ["alarm", "heal_started", "heal_published"]


def test_a_published_heal_says_what_was_made_of_what_and_for_how_long(driver):
    actions = driver.heal(GOOD, began_ms=1_000, ended_ms=3_500)

    (published,) = of_kind(actions, HealPublished)
    (now,) = of_kind(actions, VersionActivated)
    assert (published.heal, published.policy, published.duration_s) == (1, "scripted", 2.5)
    assert (published.version, published.parent, published.epoch) == ("v1", "base", 1)
    assert (published.parts, published.rows, published.labelled_rows) == (("output",), 400, 20)
    assert (now.version, now.previous_version, now.cause) == ("v1", "base", "heal")
    assert driver.healer.heals == Heals(attempted=1, published=1)
    assert driver.script.ends == [("better", "v1")]


def test_a_clock_that_was_set_back_gives_no_negative_duration(driver):
    (published,) = of_kind(driver.heal(GOOD, began_ms=5_000, ended_ms=1_000), HealPublished)

    assert published.duration_s == 0.0


def test_there_is_one_job_at_a_time(driver):
    driver.step(HEAL)

    assert driver.step(HEAL, HEAL) == []
    assert driver.healer.evidence().is_healing
    assert driver.healer.heals.attempted == 1


def test_the_next_job_may_begin_when_the_last_one_has_ended(driver):
    driver.heal(HELD)

    (started,) = of_kind(driver.step(HEAL), HealStarted)

    assert started.heal == 2


def test_a_proposal_made_beside_a_version_that_serves_no_more_is_not_published(driver):
    driver.step(ALARM, HEAL)
    driver.serve("v9")

    actions = driver.healer.finish(GOOD, now_ms=5)

    (decided,) = of_kind(actions, GateDecided)
    (held,) = of_kind(actions, HealHeld)
    assert (decided.verdict, decided.reason) == ("hold", "superseded")
    assert (held.reason, held.kept_version) == ("superseded", "v9")
    assert not [action for action in actions if isinstance(action, Publish)]
    assert driver.script.ends == [("superseded", None)]
    assert driver.healer.heals == Heals(attempted=1, refused=1)


def test_a_job_that_fails_keeps_what_serves(driver):
    driver.heal(GOOD)
    served, versions = driver.healer.served, driver.healer.versions
    driver.step(ALARM, HEAL, now_ms=1_000)

    actions = driver.healer.failed("ValueError", now_ms=1_250)

    (failed,) = of_kind(actions, HealFailed)
    assert (failed.heal, failed.error_class, failed.duration_s) == (2, "ValueError", 0.25)
    assert (driver.healer.served, driver.healer.versions) == (served, versions)
    assert driver.healer.state is State.DRIFTING
    assert driver.healer.heals == Heals(attempted=2, published=1, refused=1)
    assert not driver.healer.evidence().is_healing


def test_a_candidate_that_cannot_be_published_counts_as_a_failed_heal(driver):
    driver.step(ALARM, HEAL)
    driver.healer.finish(GOOD, now_ms=0)

    (failed,) = of_kind(driver.healer.failed("RegistryError", now_ms=0), HealFailed)

    assert failed.error_class == "RegistryError"
    assert driver.healer.heals == Heals(attempted=1, refused=1)
    assert driver.healer.state is State.DRIFTING


def test_an_outcome_without_a_job_is_nothing(driver):
    assert driver.healer.finish(GOOD, now_ms=0) == []


def test_a_rollback_is_told_once_the_registry_points_back(driver):
    driver.serve("v2")
    (point_back,) = driver.step(ROLL_BACK)
    assert isinstance(point_back, PointBack)
    assert driver.healer.heals.rolled_back == 0

    driver.serve("v1")
    actions = driver.healer.pointed_back(point_back.intent, previous="v2", now_ms=0)

    (told_back,) = of_kind(actions, VersionRolledBack)
    assert (told_back.version, told_back.previous_version) == ("v1", "v2")
    assert (told_back.cause, told_back.labelled_rows, told_back.f1_drop) == (
        "below_shadow",
        300,
        0.2,
    )
    assert driver.healer.state is State.ROLLED_BACK
    assert driver.healer.heals.rolled_back == 1


def test_a_heal_that_was_under_way_at_a_rollback_is_not_published(driver):
    driver.serve("v2")
    driver.step(HEAL)
    driver.serve("v1")
    driver.healer.pointed_back(ROLL_BACK, previous="v2", now_ms=0)

    driver.healer.finish(GOOD, now_ms=0)

    assert driver.script.ends == [("superseded", None)]
    assert driver.healer.state is State.ROLLED_BACK


def test_taking_the_lead_starts_the_policy_anew_from_what_serves_by_then(driver):
    driver.step(ALARM)
    driver.serve("v7")

    driver.healer.begin()

    assert driver.script.starts == ["base", "v7"]


def test_a_confirmation_bears_the_number_of_the_heal_that_serves(driver):
    driver.heal(HELD)
    driver.heal(GOOD)
    driver.heal(HELD)
    figures = HealConfirmed(0, "v1", 100, 0.9, 0.5, 0.4)

    (event,) = told(driver.step(Confirm(figures)))

    assert event.heal == 2


def test_feedback_of_every_kind_is_taken_in(driver, model):
    features = dict.fromkeys(model.schema.names, 1.5)
    summary = summary_of(base(model), np.zeros((10, len(features))))
    for record in (sample("a", features=features), conflict("a"), label("a", 1), summary):
        driver.healer.observe(record)

    rows = driver.healer.window.joined(0)
    assert rows.values.tolist() == [[1.5] * len(model.schema.names)]
    assert (rows.label.tolist(), rows.conflict.tolist()) == ([1.0], [True])


def test_a_sample_that_does_not_fit_the_schema_is_refused_and_leaves_nothing(driver):
    with pytest.raises(FeatureError):
        driver.healer.observe(sample("a", features={"x": 0.0}))

    assert driver.healer.window.rows == 0


def test_before_any_pointer_the_backbone_serves_at_its_own_threshold(model):
    served = Driver(replace(model, threshold=0.3)).healer.served

    assert (served.version, served.epoch, served.adapter) == ("base", 0, None)
    assert served.threshold == 0.3
