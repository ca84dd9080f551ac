"""What a demo tells of estimates without labels, beside the truth."""

import numpy as np
import pytest

from cli.demo.judge import Truth, judge
from cli.demo.tables import estimate_lines
from cli.demo.trace import Trace
from selfheal.records import Prediction, encode
from selfheal.records.healing_events import (
    PerformanceEstimated,
    PerformanceRealised,
    PerformanceWithdrawn,
)
from selfheal.telemetry.events import ToldEvent

ROWS = 8
TRUTH = Truth(np.array([0.0, 1.0] * 4), onsets=(4,), prior=0.25)


@pytest.fixture
def trace() -> Trace:
    """Row r was scored at 1,000 + r; every decision is right."""
    trace = Trace(ROWS, seed=0)
    for row in range(ROWS):
        score = 0.8 if row % 2 else 0.2
        prediction = Prediction(
            id=f"s0-{row}",
            event_ms=row,
            scored_ms=1_000 + row,
            score=score,
            decision=row % 2,
            version="v1",
            epoch=1,
            shadow_score=score,
            rules=(),
            conflict=False,
        )
        trace.add_prediction(encode(prediction))
    return trace


def tell(trace, event, row):
    trace.events.append(ToldEvent(1_000 + row, "healer", "healer-1", 1, event))


def estimated(accuracy, rows, f1=None):
    return PerformanceEstimated("v1", rows, "model", 0, accuracy, 0.01, estimated_f1=f1)


def test_estimates_of_the_judged_rows_count_by_their_rows(trace):
    tell(trace, estimated(0.2, 100), row=4)  # of rows before
    tell(trace, estimated(0.9, 300, f1=0.8), row=6)
    tell(trace, estimated(0.7, 100), row=7)

    found = judge(trace, TRUTH)["without_labels"]

    assert (found["rows"], found["estimates"]) == ([6, 8], 2)
    assert found["estimated_accuracy"] == pytest.approx(0.85)
    assert (found["accuracy"], found["estimated_f1"], found["f1"]) == (1.0, 0.8, 1.0)


def test_the_errors_that_labels_showed_are_of_the_whole_run(trace):
    tell(trace, PerformanceRealised("v1", 200, 30, 0.90, 0.94, 0.01), row=2)
    tell(trace, PerformanceRealised("v1", 200, 30, 0.95, 0.93, 0.01), row=7)

    errors = judge(trace, TRUTH)["without_labels"]["errors"]

    assert errors["labels"] == 400
    assert errors["accuracy"] == pytest.approx(0.01)


def test_where_nobody_could_tell_nothing_is_estimated_and_the_reason_is_told(trace):
    tell(trace, PerformanceWithdrawn("base", "alarm"), row=4)
    tell(trace, PerformanceWithdrawn("base", "labels_needed"), row=5)

    report = judge(trace, TRUTH)

    assert report["without_labels"]["estimated_accuracy"] is None
    (line,) = estimate_lines(report)
    assert line.endswith("alarm, labels_needed")


def test_people_read_what_was_expected_beside_what_was_true(trace):
    tell(trace, estimated(0.912, 300, f1=0.8), row=7)

    (line,) = estimate_lines(judge(trace, TRUTH))

    assert "accuracy 0.912 expected, 1.000 true; F1 0.800 expected, 1.000 true" in line
