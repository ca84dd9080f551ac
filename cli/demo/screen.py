"""What a demo shows while it runs."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from cli.demo.judge import Truth
from cli.demo.trace import Trace
from selfheal.model.costs import Costs
from selfheal.records.healing_events import StateChanged
from selfheal.telemetry.events import sentence

_EVERY_S = 2.0

_RECENT = 2_000
"""Newest rows whose accuracy, or cost, is shown."""

_TOLD = (
    "drift.",
    "heal.",
    "version.",
    "threshold.",
    "swap.",
    "state.",
    "labels.",
    "leadership.",
)
"""Beginnings of the events that are shown; a heal that is held is not."""


@dataclass(slots=True)
class Screen:
    """Lines of progress: one every two seconds, and one for each event that matters.

    costs: by which decisions are made, and then shown; None shows their accuracy
    """

    console: Console
    trace: Trace
    truth: Truth
    costs: Costs | None = None
    began_s: float = field(default_factory=time.monotonic)
    _shown_s: float = 0.0
    _events: int = 0

    def show(self) -> None:
        """Print what is new."""
        for told in self.trace.events[self._events :]:
            self._events += 1
            if told.action.startswith(_TOLD) and not told.action.startswith("heal.held"):
                self.console.print(f"  [dim]{told.action:22}[/] {sentence(told.event)}")
        now_s = time.monotonic()
        if now_s - self._shown_s >= _EVERY_S:
            self._shown_s = now_s
            self.console.print(self._line(now_s))

    def _line(self, now_s: float) -> str:
        trace = self.trace
        recent = np.flatnonzero(trace.times > 0)[-_RECENT:]
        frozen = trace.shadow_score[recent]
        healed = self._figure(recent, trace.score[recent], trace.decision[recent])
        elapsed_s = now_s - self.began_s
        figure = "accuracy" if self.costs is None else "cost of 1,000"
        return (
            f"[bold]{trace.predicted:>7,}[/] of {trace.rows:,} scored "
            f"({trace.predicted / max(elapsed_s, 1e-9):,.0f}/s)  {figure} of the last {_RECENT:,}: "
            f"healed [bold]{healed}[/], frozen {self._figure(recent, frozen, frozen >= 0.5)}  "
            f"{self._state()}"
        )

    def _figure(
        self, rows: NDArray[np.int64], scores: NDArray[np.float64], called: NDArray[np.bool_]
    ) -> str:
        """Of some rows (n,): their accuracy, or where costs are named what 1,000 of them cost."""
        labels = self.truth.labels[rows]
        if not len(rows):
            return "–"
        if self.costs is None:
            return f"{np.mean(called == (labels > 0)):.1%}"
        return f"{self.costs.per_1000(labels, scores, called):,.0f}"

    def _state(self) -> str:
        states = [t.event for t in self.trace.events if isinstance(t.event, StateChanged)]
        return states[-1].state if states else "HEALTHY"
