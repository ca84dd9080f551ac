"""The figures of a backtest, from traces small enough to do by hand."""

import numpy as np
import pytest

from cli.backtest.figures import judge, judge_costs, judge_rivals, tenths
from cli.backtest.plan import healing_plan, training_rows
from cli.backtest.screen import story_lines
from cli.backtest.trace import Told, Trace
from cli.plan_settings import PlanError
from healer.actions import Heals
from selfheal.model.costs import Costs
from selfheal.records.healing_events import DriftDetected


def traced(labels, frozen, healed, decision, first_row=0) -> Trace:
    trace = Trace(first_row, np.array(labels, dtype=np.int8), threshold=0.5, prior=0.2)
    trace.add(np.array(frozen), np.array(healed), np.array(decision, dtype=bool), "v1")
    return trace


def test_the_figures_are_of_the_decisions_that_were_served():
    trace = traced([1, 1, 0, 0], [0.6, 0.1, 0.6, 0.1], [0.3, 0.3, 0.2, 0.2], [1, 1, 0, 0])

    report = judge(trace, Heals(), "healed")

    assert report["healed"]["accuracy"] == report["healed"]["recall"] == 1.0
    assert report["healed"]["log_loss"] == pytest.approx(-np.log([0.3, 0.3, 0.8, 0.8]).mean())
    assert report["no_heal"]["accuracy"] == report["no_heal"]["recall"] == 0.5
    assert report["always_majority"]["accuracy"] == 0.5
    assert report["always_majority"]["precision"] is None


def test_rows_whose_truth_is_not_known_are_in_no_figure():
    trace = traced([1, -1, 0], [0.9, 0.9, 0.9], [0.9, 0.9, 0.1], [1, 1, 0])

    report = judge(trace, Heals(), "stable")

    assert report["rows"] == 3
    assert report["no_heal"]["accuracy"] == 0.5
    assert report["healed"]["accuracy"] == 1.0


def test_a_stream_without_a_known_label_has_no_figures():
    report = judge(traced([-1], [0.9], [0.9], [1]), Heals(), "stable")

    assert set(report["healed"].values()) == {None}
    assert judge_costs(traced([-1], [0.9], [0.9], [1]), {}, Costs(1, 1))["healed"] is None


@pytest.mark.parametrize("rows", [1, 9, 10, 25, 1003])
def test_tenths_hold_every_row_once(rows):
    ends = tenths(rows)

    assert [row for first, last in ends for row in range(first, last)] == list(range(rows))
    assert len(ends) == min(rows, 10)
    assert (
        max(last - first for first, last in ends) - min(last - first for first, last in ends) <= 1
    )


def test_segments_and_alarms_are_places_in_the_file():
    trace = traced([1, 0] * 10, [0.9] * 20, [0.9] * 20, [1] * 20, first_row=500)
    alarm = DriftDetected(1, "covariate", "ks", ("a",), 1.0, 0.5, 100, "base")
    trace.told.append(Told(507, alarm))

    report = judge(trace, Heals(2, 1, 1, 3), "healed")

    assert [(s["from"], s["to"]) for s in report["segments"]][:2] == [(500, 502), (502, 504)]
    assert report["train_rows"] == 500
    assert report["alarms"] == [507]
    assert report["heals"] == {"attempted": 2, "published": 1, "refused": 1}
    assert report["rollbacks"] == 3


def test_rivals_are_judged_on_the_same_rows():
    trace = traced([1, -1, 0], [0.9, 0.9, 0.9], [0.9, 0.9, 0.1], [1, 1, 0])

    assert judge_rivals(trace, {"other": np.array([0.9, 0.0, 0.9])})["other"]["accuracy"] == 0.5


def test_a_quarter_trains_and_never_more_than_fifty_thousand_rows():
    assert training_rows(1_000, None) == 250
    assert training_rows(10_000_000, None) == 50_000
    assert training_rows(1_000, 999) == 999
    with pytest.raises(PlanError, match="none is left"):
        training_rows(1_000, 1_000)


def test_settings_reach_the_healer_and_the_watch():
    plan = healing_plan("article", ["heal_steps=7", "rollback_f1_drop=0.03"], seed=5)

    assert (plan.settings.heal_steps, plan.settings.seed) == (7, 5)
    assert plan.thresholds.rollback_f1_drop == 0.03


@pytest.mark.parametrize("pair", ["heal_stepps=1", "heal_steps", "heal_steps=x", "seed=3"])
def test_settings_that_cannot_be_are_refused(pair):
    with pytest.raises(PlanError, match="--set"):
        healing_plan("selfheal", [pair], seed=0)


def test_a_recall_that_fell_is_said_in_words():
    trace = traced([1, 1, 0, 0], [0.6, 0.6, 0.6, 0.6], [0.6, 0.1, 0.1, 0.1], [1, 0, 0, 0])
    report = judge(trace, Heals(), "healed") | {"seconds": 1.0}

    assert "recall 1.000 → 0.500 (50.0% of the frauds missed, not 0.0%)" in story_lines(report)[1]
