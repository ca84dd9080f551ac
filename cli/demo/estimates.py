"""What the healer expected of its decisions without labels, beside what they were worth. Pure."""

from typing import Any

import numpy as np

from cli.demo.trace import Trace
from selfheal.records.healing_events import (
    PerformanceEstimated,
    PerformanceRealised,
    PerformanceWithdrawn,
)


def estimates(trace: Trace, stage: dict[str, Any]) -> dict[str, Any]:
    """Over the rows of a stage as served: the mean of its estimates, and the truth.

    None where nothing was estimated, as nobody could tell. "errors" are those that the healer found
    itself, estimated minus true, as labels came; over the whole run.
    """
    first, last = stage["rows"]
    told = [
        each.event
        for each in trace.events
        if isinstance(each.event, PerformanceEstimated) and first < trace.row_at(each.at_ms) <= last
    ]
    realised = [each.event for each in trace.events if isinstance(each.event, PerformanceRealised)]
    withdrawn = [
        each.event.reason for each in trace.events if isinstance(each.event, PerformanceWithdrawn)
    ]
    return {
        "rows": [first, last],
        "estimates": len(told),
        "estimated_accuracy": _mean([(e.estimated_accuracy, e.rows) for e in told]),
        "accuracy": stage["accuracy"],
        "estimated_f1": _mean([(e.estimated_f1, e.rows) for e in told]),
        "f1": stage["f1"],
        "errors": {
            "labels": sum(e.labelled_rows for e in realised),
            "accuracy": _mean(
                [(e.estimated_accuracy - e.accuracy, e.labelled_rows) for e in realised]
            ),
        },
        "withdrawn": withdrawn,
    }


def _mean(figures: list[tuple[float | None, int]]) -> float | None:
    """Weighted by rows; None for nothing that is defined."""
    known = [(figure, rows) for figure, rows in figures if figure is not None]
    if not known:
        return None
    return float(np.average([f for f, _ in known], weights=[rows for _, rows in known]))
