"""The demo's verdict: what the topics told, judged against the truth that the seed gives again."""

import numpy as np
import pytest

from cli.demo.costs import judge_costs
from cli.demo.judge import Truth, judge
from cli.demo.results import fidi_by_row, scored_stream
from cli.demo.rollback_watch import rollback_watch
from cli.demo.trace import Trace
from producer.scenarios import SCHEMA
from selfheal.model.costs import Costs
from selfheal.model.training import train
from selfheal.records import Prediction, encode
from selfheal.records.healing_events import (
    BatchJudged,
    DriftDetected,
    HealHeld,
    HealPublished,
    HealStarted,
    LabelsNeeded,
    StateChanged,
    VersionRolledBack,
)
from selfheal.records.service_events import SwapApplied
from selfheal.records.thresholds import Thresholds
from selfheal.telemetry.events import ToldEvent

ROWS, ONSET = 8, 4
LABELS = np.array([0, 1, 0, 1, 0, 1, 0, 1], dtype=np.float64)
TRUTH = Truth(LABELS, onsets=(ONSET,), prior=0.25)


def predicted(row, score, shadow_score=0.9, seed=0, decision=None):
    prediction = Prediction(
        id=f"s{seed}-{row}",
        event_ms=row,
        scored_ms=1_000 + row,
        score=score,
        decision=int(score >= 0.5) if decision is None else decision,
        version="v1",
        epoch=1,
        shadow_score=shadow_score,
        rules=(),
        conflict=False,
    )
    return encode(prediction)


def told(event, at_ms=1_005):
    return ToldEvent(at_ms, "healer", "healer-1", 1, event)


@pytest.fixture
def trace() -> Trace:
    """Every row predicted once: always right with the adapter, always "fraud" without one."""
    trace = Trace(ROWS, seed=0)
    for row in range(ROWS):
        trace.add_prediction(predicted(row, score=0.8 if LABELS[row] else 0.2))
    return trace


def test_a_run_without_a_fault_has_lost_and_doubled_nothing(trace):
    report = judge(trace, TRUTH)

    assert (report["predictions"], report["lost"], report["doubled"]) == (8, 0, 0)


def test_a_row_without_a_prediction_is_lost_and_a_second_one_is_a_double(trace):
    short = Trace(ROWS, seed=0)
    for row in (0, 1, 1, 1, 2):
        short.add_prediction(predicted(row, 0.5))

    report = judge(short, TRUTH)

    assert (report["predictions"], report["lost"], report["doubled"]) == (5, 5, 2)


@pytest.mark.parametrize("stranger", [{"row": ROWS}, {"row": 0, "seed": 9}])
def test_a_prediction_of_what_was_never_sent_counts_as_a_double(trace, stranger):
    trace.add_prediction(predicted(score=0.5, **stranger))

    assert judge(trace, TRUTH)["doubled"] == 1


def test_predictions_that_healing_changed_are_counted_to_the_last_bit():
    trace = Trace(ROWS, seed=0)
    for row in range(4):
        trace.add_prediction(predicted(row, score=0.9))
    trace.add_prediction(predicted(4, score=float(np.nextafter(0.9, 1.0))))

    assert judge(trace, TRUTH)["changed"] == 1


def test_the_last_quarter_judges_the_healed_the_frozen_and_the_constant(trace):
    stages = judge(trace, TRUTH)["stages"]

    judging = [stages[name] for name in ("drifted", "healed", "always_majority")]
    assert [stage["rows"] for stage in judging] == [[6, 8]] * 3
    assert [stage["accuracy"] for stage in judging] == [0.5, 1.0, 0.5]
    assert [stage["recall"] for stage in judging] == [1.0, 1.0, 0.0]


def test_the_clean_stage_ends_at_the_onset(trace):
    report = judge(trace, TRUTH)

    assert report["stages"]["clean"]["rows"] == [0, ONSET]
    assert report["after_onset"]["healed"]["rows"] == [ONSET, ROWS]


def test_without_a_drift_everything_is_clean(trace):
    report = judge(trace, Truth(LABELS, (), 0.25))

    assert report["stages"]["clean"]["rows"] == [0, ROWS]
    assert report["after_onset"]["healed"]["accuracy"] is None


def test_decisions_count_as_they_were_served_whatever_the_score():
    trace = Trace(ROWS, seed=0)
    for row in range(ROWS):
        trace.add_prediction(predicted(row, score=0.4, decision=int(LABELS[row])))

    healed = judge(trace, TRUTH)["stages"]["healed"]

    assert (healed["accuracy"], healed["f1"]) == (1.0, 1.0)
    assert healed["auc_pr"] == pytest.approx(0.5)


def test_without_costs_a_fraud_missed_is_five_thousand_dollars_and_a_false_alarm_two_hundred(trace):
    report = judge(trace, TRUTH)

    costs = judge_costs(trace, TRUTH, report, None)

    for name, cost in costs["per_1000"].items():
        kind, _, part = name.partition("_onset_")
        stage = report["after_onset"][part] if part else report["stages"][kind]
        rows = stage["rows"][1] - stage["rows"][0]
        assert cost == pytest.approx(1_000 / rows * (5_000 * stage["fn"] + 200 * stage["fp"]))
    assert "threshold" not in costs


def test_with_costs_it_is_told_what_they_won_and_lost():
    trace = Trace(ROWS, seed=0)
    for row in range(ROWS):
        trace.add_prediction(predicted(row, score=0.4, decision=1))

    costs = judge_costs(trace, TRUTH, judge(trace, TRUTH), Costs(50, 1))

    first = ROWS * 3 // 4
    frauds, rows = LABELS[first:].sum(), ROWS - first
    assert costs["threshold"] == {
        "model_threshold": 0.5,
        "recall": [0.0, 1.0],
        "false_alarms_per_1000": [0.0, pytest.approx(1_000 * (rows - frauds) / rows)],
        "cost_per_1000": [
            pytest.approx(50_000 * frauds / rows),
            pytest.approx(1_000 * (rows - frauds) / rows),
        ],
    }


def test_a_stage_without_rows_has_no_cost():
    trace = Trace(ROWS, seed=0)

    costs = judge_costs(trace, TRUTH, judge(trace, TRUTH), Costs(50, 1))

    assert set(costs["per_1000"].values()) == {None}


def test_the_story_is_what_the_services_told(trace):
    trace.events += [
        told(DriftDetected(1, "covariate", "ks", ("V14",), 0.5, 0.1, 400, "base"), at_ms=1_003),
        told(HealStarted(1, "selfheal", "drift", "base", 400, 0)),
        told(HealHeld(1, "selfheal", "misfit", "base", 0.1)),
        told(HealStarted(2, "selfheal", "drift", "base", 400, 0)),
        told(HealPublished(2, "selfheal", "v1", "base", 1, ("alignment",), 400, 0, 0.1)),
        told(SwapApplied("v1", "base", 1, 0.001, 0.25)),
        told(StateChanged("HEALTHY", "HEALING", "heal_published", "healed"), at_ms=1_006),
        told(VersionRolledBack("base", "v1", 2, "below_shadow", 100)),
    ]

    report = judge(trace, TRUTH)

    assert report["heals"] == {"attempted": 2, "published": 1, "refused": 1}
    assert (report["rollbacks"], report["versions"]) == (1, ["v1"])
    assert report["alarms"] == [4]  # rows 0 to 3 had been scored by then
    assert report["swap_ms"] == {"p50": 250.0, "p99": 250.0}
    assert report["state_history"] == [{"row": 7, "state": "HEALTHY", "verdict": "healed"}]


def test_the_verdict_is_the_last_one_given(trace):
    assert judge(trace, TRUTH)["verdict"] == "stable"

    trace.events.append(told(LabelsNeeded(0, "signal_lost", 1)))
    assert judge(trace, TRUTH)["verdict"] == "labels_needed"

    trace.events.append(told(StateChanged("HEALTHY", "HEALING", "heal_published", "healed")))
    assert judge(trace, TRUTH)["verdict"] == "healed"


def test_an_event_of_another_release_is_left_out(trace):
    assert trace.add_event(b'{"event": {"action": "kettle.boiled"}}') is None
    assert trace.events == []


def test_the_states_of_the_rows_are_the_ones_that_were_told_before(trace):
    values = np.random.default_rng(1).normal(size=(40, len(SCHEMA.names)))
    model = train(SCHEMA, values, np.arange(40) % 2, seed=0, epochs=1)
    trace.events.append(told(StateChanged("DRIFTING", "HEALTHY", "alarm", "stable"), at_ms=1_005))

    stream = scored_stream(trace, TRUTH, model, values[:ROWS], "")

    assert stream.states.tolist() == ["HEALTHY"] * 5 + ["DRIFTING"] * 3


def test_fidi_is_that_of_each_rows_own_batch():
    values = np.array([1.0, 3.0, np.nan, np.nan, 7.0])

    z = fidi_by_row(values, mean=1.0, sd=2.0, batch_rows=2)

    np.testing.assert_array_equal(z, [0.5, 0.5, np.nan, np.nan, 3.0])


def judged(accuracy, f1):
    return BatchJudged("v1", "HEALTHY", 100, 100, 0, accuracy=accuracy, f1=f1)


def test_the_rollback_watch_says_how_near_it_came():
    healed = HealPublished(1, "article", "v1", "base", 1, (), 100, 100, 0.1, accuracy=0.9, f1=0.7)
    events = [judged(0.1, 0.1), healed, *[judged(0.9, 0.7)] * 3, *[judged(0.8, 0.6)] * 2]

    watch = rollback_watch(events, Thresholds())

    assert watch["f1"]["baseline"] == 0.7
    assert watch["f1"]["largest_drop"] == pytest.approx(0.7 - (3 * 0.7 + 2 * 0.6) / 5)
    assert watch["accuracy"]["largest_drop"] == pytest.approx(0.04)
    assert watch["f1"]["limit"] == 0.08


def test_without_a_heal_there_is_nothing_to_watch():
    assert rollback_watch([judged(0.9, 0.7)], Thresholds()) is None


def test_fewer_batches_than_the_watch_needs_have_no_drop():
    healed = HealPublished(1, "article", "v1", "base", 1, (), 100, 100, 0.1, accuracy=0.9, f1=0.7)

    watch = rollback_watch([healed, judged(0.1, 0.1)], Thresholds())

    assert watch["f1"]["largest_drop"] is None
