"""What a demo shows while it runs: accuracy, or where costs decide, what the decisions cost."""

import io

import numpy as np
import pytest
from rich.console import Console

from cli.demo.judge import Truth
from cli.demo.screen import Screen
from cli.demo.trace import Trace
from selfheal.model.costs import Costs
from selfheal.records.operating_point_events import ThresholdMoved
from selfheal.telemetry.events import ToldEvent

TRUTH = Truth(np.array([0.0, 0.0, 1.0, 1.0]), onsets=(), prior=0.5)


@pytest.fixture
def trace() -> Trace:
    """Four rows: healed calls the first three a fraud, the frozen model none."""
    found = Trace(rows=4, seed=0)
    found.times[:], found.score[:], found.shadow_score[:] = 1, 0.3, 0.2
    found.decision[:3] = True
    return found


def shown(trace: Trace, costs: Costs | None) -> str:
    output = io.StringIO()
    Screen(Console(file=output, width=200), trace, TRUTH, costs).show()
    return output.getvalue()


def test_accuracy_is_shown_where_no_costs_are_named(trace):
    assert "accuracy of the last 2,000: healed 25.0%, frozen 50.0%" in shown(trace, None)


def test_with_costs_the_cost_of_decisions_is_shown_as_they_were_served(trace):
    line = shown(trace, Costs(missed_fraud=100, false_alarm=10))

    assert "cost of 1,000 of the last 2,000: healed 30,000, frozen 50,000" in line
    assert "accuracy" not in line


def test_before_the_first_prediction_there_is_no_figure():
    assert "healed –, frozen –" in shown(Trace(rows=4, seed=0), Costs(100, 10))


def test_a_move_of_the_threshold_is_shown(trace):
    moved = ThresholdMoved("base", 2, "cost", 0.02, 0.5, 0.26, 0.13, rows=500, labelled_rows=0)
    trace.events.append(ToldEvent(0, "healer", "healer-0", 1, moved))

    assert "base decides from 0.02 on instead of 0.5" in shown(trace, Costs(100, 10))
