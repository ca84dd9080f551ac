"""What a demo shows while it runs."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from cli.demo.judge import Truth
from cli.demo.trace import Trace
from selfheal.records.healing_events import StateChanged
from selfheal.telemetry.events import sentence

_EVERY_S = 2.0

_RECENT = 2_000
"""Newest rows whose accuracy is shown."""

_TOLD = ("drift.", "heal.", "version.", "swap.", "state.", "labels.", "leadership.")
"""Beginnings of the events that are shown; a heal that is held is not."""


@dataclass(slots=True)
class Screen:
    """Lines of progress: one every two seconds, and one for each event that matters."""

    console: Console
    trace: Trace
    truth: Truth
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
        labels = self.truth.labels[recent] > 0
        healed = _share(trace.decision[recent] == labels)
        frozen = _share((trace.shadow_score[recent] >= 0.5) == labels)
        elapsed_s = now_s - self.began_s
        return (
            f"[bold]{trace.predicted:>7,}[/] of {trace.rows:,} scored "
            f"({trace.predicted / max(elapsed_s, 1e-9):,.0f}/s)  accuracy of the last {_RECENT:,}: "
            f"healed [bold]{healed}[/], frozen {frozen}  {self._state()}"
        )

    def _state(self) -> str:
        states = [t.event for t in self.trace.events if isinstance(t.event, StateChanged)]
        return states[-1].state if states else "HEALTHY"


def _share(is_right: NDArray[np.bool_]) -> str:
    return f"{np.mean(is_right):.1%}" if len(is_right) else "–"
