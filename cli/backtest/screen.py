"""The report for people: a table, and in words what happened and what got worse."""

from typing import Any

from rich.table import Table

_NAMES = {
    "no_heal": "frozen",
    "healed": "healed",
    "always_majority": "always the majority",
}
_FIGURES = ("accuracy", "precision", "recall", "f1", "auc_pr", "log_loss")
_HEADINGS = ("accuracy", "precision", "recall", "F1", "AUC-PR", "log-loss")


def final_table(report: dict[str, Any]) -> Table:
    """Every way to score the same rows, with the figures that must be seen together."""
    title = f"{report['rows']:,} rows replayed after {report['train_rows']:,} for training"
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in _HEADINGS:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, label in _NAMES.items():
        table.add_row(label, *_cells(report[name]))
    table.add_section()
    for segment in report["segments"]:
        rows = f"rows {segment['from']:,}-{segment['to']:,}"
        pairs = zip(_cells(segment["no_heal"]), _cells(segment["healed"]), strict=True)
        table.add_row(rows, *(f"{frozen} → {healed}" for frozen, healed in pairs))
    return table


def story_lines(report: dict[str, Any]) -> list[str]:
    """The rest of the verdict, a line each."""
    heals, alarms = report["heals"], report["alarms"]
    where = f", the first at row {alarms[0]:,}" if alarms else ""
    return [
        f"verdict {report['verdict']}: {len(alarms)} alarms{where}; {heals['attempted']} heals "
        f"attempted, {heals['published']} published, {heals['refused']} refused, "
        f"{report['rollbacks']} rolled back; {report['seconds']:.1f} s"
    ]


def _cells(figures: dict[str, float | None]) -> list[str]:
    return ["–" if figures[name] is None else f"{figures[name]:.3f}" for name in _FIGURES]
