"""Estimates without labels, and requests for labels, as tables for people."""

from typing import Any

from rich.table import Table


def estimates_table(report: dict[str, Any]) -> Table:
    """Expected beside true, case by case."""
    table = _table(f"expected without labels, and true; seeds {_seeds(report)}")
    for heading in ("accuracy expected", "true", "F1 expected", "true"):
        table.add_column(heading, justify="right")
    for case in report["cases"]:
        cells = [
            cell
            for name in ("accuracy", "f1")
            for cell in (
                f"{case[f'estimated_{name}']:.3f} ± {case[f'{name}_standard_error']:.3f}",
                f"{case[name]:.3f}",
            )
        ]
        table.add_row(case["case"], *cells)
    return table


def requests_table(report: dict[str, Any]) -> Table:
    """What came of each choice, stream by stream."""
    table = _table(f"labels asked for, by choice; seeds {_seeds(report)}")
    table.add_column("whose label", no_wrap=True)
    for heading in ("accuracy", "F1", "rows to heal", "asked"):
        table.add_column(heading, justify="right")
    stream = ""
    for case in report["cases"]:
        mean = case["mean"]
        table.add_row(
            "" if case["stream"] == stream else case["stream"],
            case["choice"],
            f"{mean['accuracy']:.3f}",
            f"{mean['f1']:.3f}",
            f"{mean['rows_to_heal']:,.0f}",
            f"{mean['asked']:,.0f}",
        )
        stream = case["stream"]
    return table


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    return table


def _seeds(report: dict[str, Any]) -> str:
    first, last = report["seeds"]
    return f"{first}" if last == first + 1 else f"{first} to {last - 1}"
