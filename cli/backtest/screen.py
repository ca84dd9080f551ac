"""The report for people: two tables, and in words what happened and what got worse. Pure."""

from typing import Any

from rich.table import Table

from cli.backtest.figures import FIGURES
from cli.threshold_choice import choice_line
from selfheal.model.costs import Costs

_HEADINGS = ("accuracy", "precision", "recall", "F1", "AUC-PR", "log-loss")
_NAMES = {
    "no_heal": "frozen",
    "healed": "healed",
    "always_majority": "always the majority",
    "logistic_regression": "river LogisticRegression",
    "hoeffding_adaptive_tree": "river HoeffdingAdaptiveTree",
    "adaptive_random_forest": "river ARF",
    "periodic_retrain": "periodic retrain",
}

_SHOWN = 0.0005
"""Differences below this vanish in three digits."""


def final_table(report: dict[str, Any], costs: Costs | None) -> Table:
    """Every way to score the same rows, with the figures that must be seen together."""
    title = f"{report['rows']:,} rows replayed after {report['train_rows']:,} for training"
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in (*_HEADINGS, *(["cost*"] if costs else [])):
        table.add_column(heading, justify="right", no_wrap=True)
    scored = {name: report[name] for name in ("no_heal", "healed", "always_majority")}
    for name, found in (scored | report["baselines"]).items():
        cells = [_number(found[figure]) for figure in FIGURES]
        if costs is not None:
            cells.append(_money(report["costs"][name]))
        table.add_row(_NAMES[name], *cells)
    if costs is not None:
        table.caption = (
            f"* of 1,000 rows: {costs.missed_fraud:,g} a missed fraud, {costs.false_alarm:,g} a "
            f"false alarm, at most {costs.review_capacity:.1%} of the rows reviewed; other "
            f"learners decide from {costs.threshold:.3g} on"
        )
    return table


def segment_table(report: dict[str, Any]) -> Table:
    """The tenths of the stream: when it broke, and what it has cost until it was healed."""
    table = Table(title="tenths of the stream, frozen → healed", title_justify="left")
    table.add_column("rows", no_wrap=True)
    shown = ("accuracy", "precision", "recall", "f1")
    for heading in _HEADINGS[: len(shown)]:
        table.add_column(heading, justify="right", no_wrap=True)
    for segment in report["segments"]:
        frozen, healed = segment["no_heal"], segment["healed"]
        cells = [f"{_number(frozen[name])} → {_number(healed[name])}" for name in shown]
        table.add_row(f"{segment['from']:,}-{segment['to']:,}", *cells)
    return table


def story_lines(report: dict[str, Any]) -> list[str]:
    """The rest of the verdict, a line each."""
    heals, alarms = report["heals"], report["alarms"]
    where = f", the first at row {alarms[0]:,}" if alarms else ""
    lines = [
        f"verdict {report['verdict']}: {_counted(len(alarms), 'alarm')}{where}; "
        f"{_counted(heals['attempted'], 'heal')} attempted, {heals['published']} published, "
        f"{heals['refused']} refused, {report['rollbacks']} rolled back; "
        f"{report['seconds']:.1f} s",
        _worse(report["no_heal"], report["healed"]),
    ]
    if "threshold" in report:
        lines.append(choice_line(report["threshold"]))
    healed, constant = report["healed"]["accuracy"], report["always_majority"]["accuracy"]
    if healed is not None and healed < constant:
        lines.append(f"accuracy {healed:.3f} is below a constant's, which has {constant:.3f}")
    return lines


def _worse(frozen: dict[str, float | None], healed: dict[str, float | None]) -> str:
    """What healing made worse, the missed frauds first."""
    if frozen == healed:
        return "healing changed nothing"
    told: list[str] = []
    for name, heading in sorted(zip(FIGURES, _HEADINGS, strict=True), key=_recall_first):
        before, after = frozen[name], healed[name]
        if before is None or after is None:
            continue
        loss = after - before if name == "log_loss" else before - after
        if loss >= _SHOWN:
            missed = f" ({1 - after:.1%} of the frauds missed, not {1 - before:.1%})"
            told.append(f"{heading} {before:.3f} → {after:.3f}{missed * (name == 'recall')}")
    return f"worse than frozen: {'; '.join(told)}" if told else "nothing is worse than frozen"


def _recall_first(figure: tuple[str, str]) -> bool:
    return figure[0] != "recall"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _number(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"


def _money(cost: float | None) -> str:
    return "–" if cost is None else f"{cost:,.0f}"
