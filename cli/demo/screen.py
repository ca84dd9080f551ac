"""What a demo shows while it runs, and the table at its end."""

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from cli.demo.judge import FALSE_ALARM_USD, MISSED_FRAUD_USD, Truth, expected_cost
from cli.demo.trace import Trace
from selfheal.records.healing_events import StateChanged
from selfheal.telemetry.events import sentence

_EVERY_S = 2.0
_RECENT = 2_000
_TOLD = ("drift.", "heal.", "version.", "swap.", "state.", "labels.", "leadership.")


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


def _share(is_right: Any) -> str:
    return f"{np.mean(is_right):.1%}" if len(is_right) else "–"


def final_table(report: dict[str, Any]) -> Table:
    """The verdict as a table: every stage with the figures that a reader must see together."""
    title = f"{report['scenario']}, policy {report['policy']}, seed {report['seed']}"
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    headings = ("rows", "accuracy", "precision", "recall", "F1", "AUC-PR", "log-loss", "cost*")
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, stage in report["stages"].items():
        table.add_row(*_cells(_NAMES[name], stage))
    after = report["after_onset"]
    if after["healed"]["rows"][0] < after["healed"]["rows"][1]:
        table.add_section()
        table.add_row(*_cells("frozen, after the onset", after["shadow"]))
        table.add_row(*_cells("healed, after the onset", after["healed"]))
    table.caption = (
        f"* dollars per 1,000 transactions: ${MISSED_FRAUD_USD:,.0f} a missed fraud, "
        f"${FALSE_ALARM_USD:,.0f} a false alarm"
    )
    return table


def study_table(report: dict[str, Any]) -> Table:
    """The recipe over ten seeds, beside what was published and the constant that it must beat."""
    study = report["study"]
    first, last = study["seeds"]
    table = Table(title=f"the article's experiment, seeds {first}-{last - 1}", title_justify="left")
    table.add_column("")
    for heading in ("accuracy", "precision", "recall", "F1", "AUC-PR"):
        table.add_column(heading, justify="right")
    for name, label in _STUDY_NAMES.items():
        mean, sd = study["figures"][name]["mean"], study["figures"][name]["sd"]
        table.add_row(label, *(_with_sd(mean.get(f), sd.get(f)) for f in _STUDY_FIGURES))
    table.add_section()
    for name, label in (("frozen", "frozen, published"), ("healed", "healed, published")):
        published = study["published"][name]
        table.add_row(label, *(_number(published.get(figure)) for figure in _STUDY_FIGURES))
    table.caption = "mean ± sd; each seed judged on 20,000 fresh drifted rows (clean: clean rows)"
    return table


def watch_lines(report: dict[str, Any]) -> list[str]:
    """Why the article's watch rolled back, or why it did not."""
    watch = report["rollback_watch"]
    if watch is None:
        return []
    return [
        f"rollback watch: {name} fell at most {measure['largest_drop']:+.3f} below its baseline "
        f"{measure['baseline']:.3f}, the limit is {measure['limit']:g}"
        for name, measure in watch.items()
        if measure["largest_drop"] is not None
    ]


_STUDY_FIGURES = ("accuracy", "precision", "recall", "f1", "auc_pr")
_STUDY_NAMES = {
    "clean": "frozen, before the drift",
    "frozen": "frozen, drifted",
    "recipe": "healed, the recipe alone",
    "full": "healed, with the rollback watch",
    "always_legit": "always legitimate",
}


def _with_sd(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "–"
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


_NAMES = {
    "clean": "frozen, before the onset",
    "drifted": "frozen, judged rows",
    "healed": "healed, judged rows",
    "always_majority": "always legitimate, judged",
}


def _cells(name: str, stage: dict[str, Any]) -> list[str]:
    first, last = stage["rows"]
    figures = ("accuracy", "precision", "recall", "f1", "auc_pr", "log_loss")
    shown = [_number(stage[figure]) for figure in figures]
    cost = expected_cost(stage)
    return [name, f"{first:,}-{last:,}", *shown, "–" if np.isnan(cost) else f"{cost:,.0f}"]


def _number(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def story_lines(report: dict[str, Any]) -> list[str]:
    """The rest of the verdict, a line each."""
    heals, swap = report["heals"], report["swap_ms"]
    lines = [
        f"verdict {report['verdict']}: {heals['attempted']} heals attempted, "
        f"{heals['published']} published, {heals['refused']} refused, "
        f"{report['rollbacks']} rolled back",
        f"{report['predictions']:,} predictions, {report['lost']} lost, "
        f"{report['doubled']} doubled, {report['dead_letters']} dead letters, "
        f"{report['seconds']:.1f} s",
    ]
    if swap["p99"] is not None:
        lines.append(
            f"from publish to the first prediction of the new version: "
            f"p50 {swap['p50']:.0f} ms, p99 {swap['p99']:.0f} ms over all scorers"
        )
    return lines
