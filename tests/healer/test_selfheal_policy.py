"""The policy `selfheal` on whole streams: what it heals, how it tells of it, and what it leaves."""

from dataclasses import replace

import numpy as np
import pytest

from producer.delays import ConstantDelay
from producer.labels import LabelPolicy
from producer.operators import concept, everyone
from producer.regimes import G2
from selfheal.records.healing_events import (
    DriftDetected,
    GateDecided,
    HealConfirmed,
    HealPublished,
    LabelsNeeded,
    VersionActivated,
)
from tests.healer.policy_run import BATCH, PolicyRun, stretch

ONSET = 1_200
MOVED = everyone(G2, 2.2)


def late(coverage, delay=500, wrong=0.0):
    return LabelPolicy(coverage, ConstantDelay(delay), wrong_fraud=wrong, wrong_legit=wrong)


def parts_served(run):
    """Names of the parts of the adapter that serves at the end."""
    adapter = run.system.healer.served.adapter
    names = ("alignment", "head", "output", "trees")
    return {name for name in names if getattr(adapter, name, None) is not None}


@pytest.fixture(scope="module")
def clean(g2_model) -> PolicyRun:
    return PolicyRun(g2_model, stretch((G2, 12_000), seed=900), late(0.1))


@pytest.fixture(scope="module")
def changed(g2_model) -> PolicyRun:
    """The relation changes at ONSET and the inputs look as before."""
    rows = stretch((G2, ONSET), (concept(G2), 2_800), seed=900)
    return PolicyRun(g2_model, rows, late(0.5))


RETURN, SECOND = 2_500, 3_500


@pytest.fixture(scope="module")
def recurring(g2_model) -> PolicyRun:
    """Clean, shifted, clean from RETURN on, shifted again from SECOND on."""
    rows = stretch((G2, 1_000), (MOVED, 1_500), (G2, 1_000), (MOVED, 1_000), seed=900)
    return PolicyRun(g2_model, rows, late(0.1))


@pytest.fixture(scope="module")
def shifted(g2_model) -> PolicyRun:
    return PolicyRun(g2_model, stretch((G2, 700), (MOVED, 2_800), seed=901), late(0.2))


def test_a_clean_stream_with_labels_publishes_nothing_and_changes_no_bit(clean):
    assert clean.system.healer.window.labels_joined > 1_000
    assert clean.system.healer.heals.attempted == 0
    assert set(clean.versions) == {"base"}
    assert not clean.of_kind(DriftDetected)
    np.testing.assert_array_equal(clean.score, clean.shadow_score)


def test_a_change_of_the_relation_alone_is_told_as_concept_drift_seen_in_the_labels(changed):
    (alarm,) = changed.of_kind(DriftDetected)

    assert (alarm.drift, alarm.detector, alarm.features) == ("concept", "label_loss", ())
    assert alarm.onset_ms == pytest.approx(ONSET, abs=300)
    assert alarm.statistic > alarm.threshold


def test_a_change_of_the_relation_alone_is_healed_from_late_labels(changed):
    healed, frozen = changed.figures(3_000), changed.frozen(3_000)

    assert frozen.accuracy < 0.80
    assert healed.accuracy > 0.90
    assert healed.recall > frozen.recall + 0.2


def test_lessons_that_take_their_time_beside_a_running_stream_heal_it_as_well(g2_model, changed):
    """Most of all the one under way when the relation is found to have changed."""
    busy = PolicyRun(g2_model, changed.rows, late(0.5), job_rows=300)

    assert busy.figures(3_000).accuracy == pytest.approx(changed.figures(3_000).accuracy, abs=0.015)


def test_heals_that_take_their_time_beside_a_running_stream_end_alike(g2_model, shifted):
    busy = PolicyRun(g2_model, shifted.rows, late(0.2), job_rows=300)

    published = [run.of_kind(HealPublished)[0].rows for run in (busy, shifted)]
    assert published[0] == published[1]  # what had come when it began
    assert busy.versions.index("v1") == shifted.versions.index("v1") + 3
    assert busy.figures(1_500).accuracy == pytest.approx(shifted.figures(1_500).accuracy, abs=0.01)


def test_before_its_first_label_a_changed_relation_changes_nothing(changed):
    before = slice(0, ONSET + 500)

    np.testing.assert_array_equal(changed.score[before], changed.shadow_score[before])


def test_what_labels_heal_was_judged_on_labels_that_it_had_not_seen(changed):
    published = changed.of_kind(HealPublished)
    promoted = [event for event in changed.of_kind(GateDecided) if event.verdict == "promote"]

    assert len(published) >= 1
    assert {event.reason for event in promoted} == {"better_on_new_labels"}
    assert all(event.labelled_rows >= 40 and event.loss_gain > 0 for event in promoted)


def test_a_shift_of_the_inputs_is_healed_without_labels_and_then_confirmed_by_them(shifted):
    first = shifted.of_kind(DriftDetected)[0]

    assert (first.drift, first.features) == ("covariate", ("V14",))
    assert "alignment" in parts_served(shifted)
    assert shifted.of_kind(HealConfirmed)[0].accuracy_lift > 0.2
    assert shifted.figures(1_500).accuracy > 0.93
    assert shifted.frozen(1_500).accuracy < 0.6
    assert not shifted.of_kind(LabelsNeeded)


def test_a_regime_that_returns_gets_its_own_version_back_with_the_cause_regime(recurring):
    activated = [(e.version, e.cause) for e in recurring.of_kind(VersionActivated)]

    heals = [version for version, cause in activated if cause == "heal"]
    assert [version for version, cause in activated if cause == "regime"] == ["base", heals[-1]]
    assert [cause for _, cause in activated] == ["heal"] * len(heals) + ["regime"] * 2


def test_a_returning_regime_is_served_by_its_version_within_300_rows(recurring):
    first_return = recurring.versions[(RETURN + 300) // BATCH : SECOND // BATCH]
    second_return = recurring.versions[(SECOND + 300) // BATCH :]

    assert set(first_return) == {"base"}
    heals = [event.version for event in recurring.of_kind(HealPublished)]
    assert set(second_return) == {heals[-1]}
    assert recurring.figures(SECOND).accuracy > recurring.frozen(SECOND).accuracy + 0.25


def test_wrong_labels_cost_next_to_nothing_where_the_alignment_serves_well(g2_model, shifted):
    rows = shifted.rows

    poisoned = PolicyRun(g2_model, rows, late(0.2, wrong=0.3))

    assert poisoned.figures(700).accuracy >= shifted.figures(700).accuracy - 0.002


def test_labels_that_turn_wrong_alarm_and_still_change_no_prediction(g2_model, rng):
    rows = stretch((G2, 3_500), seed=902)
    is_wrong = (np.arange(3_500) >= 1_500) & (rng.random(3_500) < 0.3)
    told = replace(rows, labels=np.where(is_wrong, 1 - rows.labels, rows.labels))

    poisoned = PolicyRun(g2_model, told, late(0.4))

    assert [alarm.detector for alarm in poisoned.of_kind(DriftDetected)] == ["label_loss"]
    np.testing.assert_array_equal(poisoned.score, poisoned.shadow_score)


def test_a_restart_ends_with_the_same_kind_of_adapter(g2_model, shifted):
    again = PolicyRun(g2_model, shifted.rows, late(0.2), restarts=[900, 2_000])

    assert parts_served(again) == parts_served(shifted)
    assert again.figures(1_500).accuracy == pytest.approx(shifted.figures(1_500).accuracy, abs=0.01)


def test_a_restart_after_a_heal_by_labels_keeps_it_and_declares_no_decline(g2_model, changed):
    rows, published = changed.rows, changed.versions.index("v1") * BATCH

    again = PolicyRun(g2_model, rows, late(0.5), restarts=[published + 500])

    assert len(again.of_kind(DriftDetected)) == 1
    assert parts_served(again) == parts_served(changed)
    assert again.figures(3_000).accuracy > 0.90


def test_the_same_stream_is_healed_in_the_same_way(g2_model, shifted):
    rows = shifted.rows.part(slice(2_400))

    again = PolicyRun(g2_model, rows, late(0.2))

    np.testing.assert_array_equal(again.score, shifted.score[:2_400])
    assert again.system.events == shifted.system.events[: len(again.system.events)]
    assert again.versions[-1] != "base"
