"""What heals cost, as tables for people."""

from typing import Any

from rich.table import Table


def heals_tables(report: dict[str, Any]) -> tuple[Table, Table, Table]:
    """Heals without labels, lessons from labels, backtests."""
    return _heals(report), _lessons(report), _backtests(report)


def _heals(report: dict[str, Any]) -> Table:
    title = f"a heal from {report['rows']} rows without labels, {report['repetitions']} each; ms"
    table = _table(title, "drifted rows")
    for name in ("features", "judged by", "first", "median", "p95"):
        table.add_column(name, justify="right")
    for row in report["heals"]:
        figures = (f"{ms:.1f}" for ms in (row["first_ms"], row["ms"]["median"], row["ms"]["p95"]))
        table.add_row(row["rows"], str(row["features"]), row["by"], *figures)
    return table


def _lessons(report: dict[str, Any]) -> Table:
    title = f"a lesson from {report['rows']} labels, {report['repetitions']} each; median ms (p95)"
    table = _table(title, "drifted rows")
    for name in ("linear", "trees", "whole lesson"):
        table.add_column(name, justify="right")
    for row in report["lessons"]:
        parts = (row[name] for name in ("linear_ms", "trees_ms", "lesson_ms"))
        table.add_row(row["rows"], *(f"{ms['median']:.1f} ({ms['p95']:.1f})" for ms in parts))
    return table


def _backtests(report: dict[str, Any]) -> Table:
    table = _table("a backtest in which nothing drifts", "features")
    for name in ("policy", "rows", "heals", "rows a second", "CPU µs a row"):
        table.add_column(name, justify="right")
    for row in report["backtests"]:
        figures = (f"{row[name]:,}" for name in ("rows", "heals", "rows_per_s"))
        cpu_us = f"{row['cpu_us']:.1f}"
        table.add_row(str(row["features"]), row["policy"], *figures, cpu_us)
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(first)
    return table
