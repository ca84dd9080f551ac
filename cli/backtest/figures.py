"""From what came of every row to the figures of the report. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.backtest.trace import Trace
from cli.threshold_choice import threshold_choice
from healer.actions import Heals
from selfheal.model.costs import Costs
from selfheal.model.metrics import Metrics, always_majority, measure
from selfheal.records.healing_events import DriftDetected

FIGURES = ("accuracy", "precision", "recall", "f1", "auc_pr", "log_loss")
SEGMENTS = 10

Scores = NDArray[np.float64]


def judge(trace: Trace, heals: Heals, verdict: str) -> dict[str, Any]:
    """The figures of the report, the baselines', the costs' and the clock's excepted.

    Rows whose truth is not known are scored and left out of every figure; a figure that is not
    defined is None.
    """
    everything = slice(0, len(trace))
    known = trace.labels >= 0
    return {
        "rows": len(trace),
        "train_rows": trace.first_row,
        "no_heal": figures(no_heal(trace, everything)),
        "healed": figures(healed(trace, everything)),
        "always_majority": figures(always_majority(trace.labels[known], trace.prior)),
        "segments": [_segment(trace, *ends) for ends in tenths(len(trace))],
        "heals": {
            "attempted": heals.attempted,
            "published": heals.published,
            "refused": heals.refused,
        },
        "rollbacks": heals.rolled_back,
        "alarms": [told.row for told in trace.told if isinstance(told.event, DriftDetected)],
        "verdict": verdict,
    }


def judge_rivals(trace: Trace, scores: Mapping[str, Scores]) -> dict[str, Any]:
    """The figures of other learners' scores (n,) by name, at a threshold of a half."""
    known = trace.labels >= 0
    return {
        name: figures(measure(trace.labels[known], found[known])) for name, found in scores.items()
    }


def judge_costs(trace: Trace, scores: Mapping[str, Scores], costs: Costs) -> dict[str, Any]:
    """Expected cost of 1,000 rows of everything that is judged.

    Other learners' scores decide from the costs' own threshold on, as for calibrated ones.
    """
    known = trace.labels >= 0
    labels = trace.labels[known]
    constant = np.full(len(trace), trace.prior)
    decided: dict[str, tuple[Scores, NDArray[np.bool_]]] = {
        "no_heal": (trace.frozen, trace.frozen >= trace.threshold),
        "healed": (trace.healed, trace.decision),
        "always_majority": (constant, constant >= 0.5),
        **{name: (found, found >= costs.threshold) for name, found in scores.items()},
    }
    return {
        name: costs.per_1000(labels, found[known], called[known])
        for name, (found, called) in decided.items()
    }


def judge_threshold(trace: Trace, costs: Costs) -> dict[str, Any]:
    """What deciding by costs won and lost."""
    known = trace.labels >= 0
    return threshold_choice(
        trace.labels[known], trace.healed[known], trace.decision[known], trace.threshold, costs
    )


def no_heal(trace: Trace, rows: slice) -> Metrics:
    """Of the frozen model."""
    known = trace.labels[rows] >= 0
    return measure(trace.labels[rows][known], trace.frozen[rows][known], trace.threshold)


def healed(trace: Trace, rows: slice) -> Metrics:
    """As served: the decisions that were given; the scores for what has no threshold."""
    known = trace.labels[rows] >= 0
    labels = trace.labels[rows][known]
    decided = measure(labels, trace.decision[rows][known].astype(np.float64))
    ranked = measure(labels, trace.healed[rows][known])
    return replace(decided, auc_pr=ranked.auc_pr, log_loss=ranked.log_loss)


def figures(metrics: Metrics) -> dict[str, float | None]:
    """By name. JSON has no NaN: what is not defined is None."""
    found = {name: float(getattr(metrics, name)) for name in FIGURES}
    return {name: None if np.isnan(value) else value for name, value in found.items()}


def tenths(rows: int) -> list[tuple[int, int]]:
    """First and one past the last of ten stretches as equal as can be; those of no row left out.

    >>> tenths(25)[:3]
    [(0, 2), (2, 5), (5, 7)]
    """
    ends = [rows * part // SEGMENTS for part in range(SEGMENTS + 1)]
    return [(first, last) for first, last in pairwise(ends) if last > first]


def _segment(trace: Trace, first: int, last: int) -> dict[str, Any]:
    """Places in the file; the row after the last one ends it."""
    rows = slice(first, last)
    return {
        "from": trace.first_row + first,
        "to": trace.first_row + last,
        "no_heal": figures(no_heal(trace, rows)),
        "healed": figures(healed(trace, rows)),
    }
