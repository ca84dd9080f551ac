"""The verdict over a run: figures on the rows that judge, beside the frozen model and a constant.

The truth is regenerated from the seed; no topic is asked for it. Pure.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.demo.estimates import estimates
from cli.demo.trace import Trace
from selfheal.model.metrics import Metrics, always_majority, measure
from selfheal.records.healing_events import (
    DriftDetected,
    HealFailed,
    HealHeld,
    HealPublished,
    HealStarted,
    LabelsNeeded,
    StateChanged,
    VersionRolledBack,
)
from selfheal.records.service_events import SwapApplied

JUDGED_SHARE = 0.25
"""The last part of the stream judges what healing did."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What really happened.

    labels: (rows,) 0 or 1; onsets: first row of each drift; prior: share of frauds in training
    """

    labels: NDArray[np.float64]
    onsets: tuple[int, ...]
    prior: float


def judge(trace: Trace, truth: Truth) -> dict[str, Any]:
    """The figures of `report.json`, those of the plan, of costs and of the clock excepted."""
    rows = trace.rows
    onset = truth.onsets[0] if truth.onsets else rows
    judged = (round(rows * (1.0 - JUDGED_SHARE)), rows)
    healed = _healed(trace, truth, judged)
    return {
        "predictions": int(trace.times.sum()),
        "dead_letters": trace.dead_letters,
        "lost": trace.lost,
        "doubled": trace.doubled,
        "changed": trace.changed,
        "stages": {
            "clean": _shadow(trace, truth, (0, onset)),
            "drifted": _shadow(trace, truth, judged),
            "healed": healed,
            "always_majority": _constant(trace, truth, judged),
        },
        "after_onset": {
            "shadow": _shadow(trace, truth, (onset, rows)),
            "healed": _healed(trace, truth, (onset, rows)),
        },
        "without_labels": estimates(trace, healed),
        **story(trace),
    }


def story(trace: Trace) -> dict[str, Any]:
    """What the services told."""
    events = [told.event for told in trace.events]
    swaps_ms = [e.delay_s * 1000.0 for e in events if isinstance(e, SwapApplied)]
    published = sum(isinstance(e, HealPublished) for e in events)
    return {
        "heals": {
            "attempted": sum(isinstance(e, HealStarted) for e in events),
            "published": published,
            "refused": sum(isinstance(e, HealHeld | HealFailed) for e in events),
        },
        "rollbacks": sum(isinstance(e, VersionRolledBack) for e in events),
        "alarms": [
            trace.row_at(t.at_ms) for t in trace.events if isinstance(t.event, DriftDetected)
        ],
        "verdict": _verdict(trace),
        "versions": [e.version for e in events if isinstance(e, HealPublished)],
        "swap_ms": {"p50": _quantile(swaps_ms, 0.5), "p99": _quantile(swaps_ms, 0.99)},
        "state_history": [
            {"row": trace.row_at(t.at_ms), "state": t.event.state, "verdict": t.event.verdict}
            for t in trace.events
            if isinstance(t.event, StateChanged)
        ],
    }


def _verdict(trace: Trace) -> str:
    """The last one given; a stream that never asked for anything is stable."""
    verdict = "stable"
    for told in trace.events:
        if isinstance(told.event, StateChanged):
            verdict = told.event.verdict
        elif isinstance(told.event, LabelsNeeded):
            verdict = "labels_needed"
    return verdict


def _healed(trace: Trace, truth: Truth, rows: tuple[int, int]) -> dict[str, Any]:
    """As served: the decisions that were given, the scores for what has no threshold."""
    first, last = rows
    known = ~np.isnan(trace.score[first:last])
    labels, scores = truth.labels[first:last][known], trace.score[first:last][known]
    decided = measure(labels, trace.decision[first:last][known].astype(np.float64))
    ranked = measure(labels, scores)
    return _stage(rows, replace(decided, auc_pr=ranked.auc_pr, log_loss=ranked.log_loss))


def _shadow(trace: Trace, truth: Truth, rows: tuple[int, int]) -> dict[str, Any]:
    first, last = rows
    known = ~np.isnan(trace.shadow_score[first:last])
    scores = trace.shadow_score[first:last][known]
    return _stage(rows, measure(truth.labels[first:last][known], scores))


def _constant(trace: Trace, truth: Truth, rows: tuple[int, int]) -> dict[str, Any]:
    first, last = rows
    known = ~np.isnan(trace.score[first:last])
    return _stage(rows, always_majority(truth.labels[first:last][known], truth.prior))


def _stage(rows: tuple[int, int], metrics: Metrics) -> dict[str, Any]:
    """JSON has no NaN: an undefined figure is null. `last` is the row after the last one."""
    figures = {k: v for k, v in asdict(metrics).items() if k != "rows"}
    return {"rows": list(rows)} | {
        name: None if isinstance(value, float) and np.isnan(value) else value
        for name, value in figures.items()
    }


def _quantile(values: list[float], share: float) -> float | None:
    return float(np.quantile(values, share)) if values else None
