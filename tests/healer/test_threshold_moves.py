"""Whose threshold moves, and when: the policy on streams, the core by hand."""

from dataclasses import replace

import numpy as np
import pytest

from healer.actions import PointAnew
from healer.betting import Wager
from healer.contest import Contest
from healer.duel import Duel
from healer.policies.selfheal.memory import SelfhealMemory, caught_up
from healer.policies.selfheal.threshold import at_operating_point
from healer.policy import MoveThreshold, Restore, RollBack, Serving
from producer.delays import ConstantDelay
from producer.labels import LabelPolicy
from producer.operators import everyone, legit_only
from producer.regimes import G2
from selfheal.model.costs import Costs
from selfheal.model.metrics import measure
from selfheal.records.healing_events import LabelsNeeded, VersionActivated
from selfheal.records.operating_point_events import ThresholdMoved
from tests.healer.policy_run import PolicyRun, stretch
from tests.healer.script import of_kind

LATE = LabelPolicy()
COSTS = Costs(missed_fraud=5_000, false_alarm=200)
ROWS = 5_000


def run(model, *parts, costs, seed=901):
    rows = stretch(*parts, seed=seed)
    return PolicyRun(model, rows, LATE, costs=costs)


@pytest.fixture(scope="module")
def clean(g2_model):
    return run(g2_model, (G2, ROWS), costs=COSTS)


@pytest.fixture(scope="module")
def shifted(g2_model):
    return run(g2_model, (G2, 2_000), (everyone(G2, 2.2), 4_000), costs=COSTS)


def cost(decided, costs=COSTS):
    labels = decided.rows.labels
    return costs.per_1000(labels, decided.score, decided.decision)


@pytest.mark.parametrize("drifted", [G2, everyone(G2, 2.2), legit_only(G2, 2.2)])
def test_without_costs_no_threshold_ever_moves(g2_model, drifted):
    found = run(g2_model, (G2, 1_000), (drifted, 2_000), costs=None)

    assert not found.of_kind(ThresholdMoved)
    assert set(found.thresholds) == {g2_model.threshold}


def test_with_costs_the_model_soon_decides_where_its_mistakes_cost_less(clean, g2_model):
    (first, *_) = clean.of_kind(ThresholdMoved)
    unmoved = COSTS.per_1000(clean.rows.labels, clean.score, clean.score >= g2_model.threshold)

    assert (first.cause, first.version, first.previous_decision_threshold) == ("cost", "base", 0.5)
    assert clean.thresholds[500] == first.decision_threshold < 0.1
    assert first.alert_share > first.previous_alert_share
    assert cost(clean) < 0.6 * unmoved


def test_a_threshold_that_is_right_is_left_alone(clean):
    assert len(clean.of_kind(ThresholdMoved)) <= 2


def test_a_published_adapter_serves_at_the_operating_point_from_its_first_row_on(shifted):
    healed = [event for event in shifted.of_kind(VersionActivated) if event.cause == "heal"]

    assert healed
    assert max(event.decision_threshold for event in healed) < 0.15


def test_healing_by_costs_is_cheaper_than_healing_without(g2_model, shifted):
    without = run(g2_model, (G2, 2_000), (everyone(G2, 2.2), 4_000), costs=None)

    recall = [
        measure(each.rows.labels, each.decision.astype(float)).recall for each in (without, shifted)
    ]
    assert cost(shifted) < 0.6 * cost(without)
    assert recall[1] > recall[0] + 0.05


def test_where_only_labels_can_help_the_alarms_stay_within_what_can_be_reviewed(g2_model):
    capacity = Costs(5_000, 200, review_capacity=0.2)
    lost = run(g2_model, (G2, 2_000), (legit_only(G2, 2.2), 2_500), costs=capacity)

    alarms = lost.decision[-1_000:].mean()
    assert lost.of_kind(LabelsNeeded)
    assert (lost.shadow_score[-1_000:] >= g2_model.threshold).mean() > 0.5
    assert alarms < 0.25


MOVE = MoveThreshold(0.04, "cost", 0.3, 0.14, rows=4_000, labelled_rows=200)


def test_a_move_of_the_threshold_is_an_action_and_then_an_event(driver):
    driver.serve("v1")

    (action,) = driver.step(MOVE)
    before = driver.healer.served.threshold
    driver.serve("v1")
    (event,) = of_kind(driver.healer.pointed_anew(action.intent, before), ThresholdMoved)

    assert action == PointAnew(MOVE)
    assert (event.version, event.epoch, event.cause) == ("v1", 2, "cost")
    assert (event.previous_decision_threshold, event.alert_share) == (0.5, 0.3)


@pytest.mark.parametrize(("version", "declined"), [("base", 3), ("v1", 2)])
def test_what_is_known_of_a_version_outlives_a_move_of_its_threshold(driver, version, declined):
    contest = Contest(epoch=2, since_ms=0, seen=70)
    known = SelfhealMemory(version="base", epoch=2, declined=2, confirmed=2, contest=contest)
    evidence = replace(driver.healer.evidence(), served=Serving(version, 3, threshold=0.04))

    memory = caught_up(known, evidence)

    assert (memory.epoch, memory.version) == (3, version)
    assert (memory.declined, memory.confirmed, memory.contest.epoch) == (declined,) * 3


def test_a_rollback_to_the_backbone_gets_a_threshold_that_its_labels_have_their_say_in(g2_model):
    rows = stretch((legit_only(G2, 1.1), 1_500), seed=903)
    found = PolicyRun(g2_model, rows, LabelPolicy(coverage=1.0, delay=ConstantDelay(0)))
    evidence = replace(found.system.healer.evidence(), costs=COSTS)
    roll_back = RollBack("base", "below_shadow", labelled_rows=1_500)
    restore = Restore("base")

    moved = [
        at_operating_point(SelfhealMemory(), (intent,), evidence)[1][0].threshold
        for intent in (roll_back, restore)
    ]

    paid = [
        COSTS.per_1000(rows.labels, found.shadow_score, found.shadow_score >= threshold)
        for threshold in moved
    ]
    assert paid[0] < paid[1]


def test_while_the_threshold_stays_no_bet_begins_anew(driver):
    bet = Duel(errors=Wager().after(np.full(30, 0.2)))
    contest = Contest(epoch=2, since_ms=0, duels={"contender": bet})
    known = SelfhealMemory(version="v1", epoch=2, contest=contest)
    evidence = replace(driver.healer.evidence(), served=Serving("v1", 2, threshold=0.04))

    kept = caught_up(known, evidence).contest
    moved = caught_up(known, replace(evidence, served=Serving("v1", 3, threshold=0.02))).contest

    assert kept.duels["contender"].errors.labels == 30
    assert moved.duels["contender"].errors.labels == 0
