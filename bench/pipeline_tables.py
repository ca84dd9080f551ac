"""The pipeline beside one process, as tables for people."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

_FIGURES = {"accuracy": "accuracy", "f1": "F1", "auc_pr": "AUC-PR", "log_loss": "log-loss"}
_WHO = {"frozen": "frozen", "in_process": "one process", "pipeline": "pipeline"}


def pipeline_tables(report: dict[str, Any]) -> Iterator[Table]:
    """A line for each run, then the stretches of each scenario."""
    yield _runs(report)
    for run in report["runs"]:
        yield _stretches(run)


def _runs(report: dict[str, Any]) -> Table:
    table = _table(
        "by scenario and seed, one process / pipeline: "
        f"settled accuracy within {report['whole_points']:g} points, "
        f"{report['stretch_points']:g} a stretch"
    )
    for heading in ("published", "versions", "first healed row", "points", "settled", "worst"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("lost, doubled", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for run in report["runs"]:
        apart = [each["settled_points"] for each in run["stretches"]]
        worst = max((points for points in apart if points is not None), key=abs, default=None)
        table.add_row(
            f"{run['scenario']}, {run['seed']}",
            *(_both(run, name) for name in ("published", "versions", "first_healed_row")),
            _points(run["whole"]["points"]),
            _points(run["whole"]["settled_points"]),
            _points(worst),
            f"{run['pipeline']['lost']}, {run['pipeline']['doubled']}",
            "MISSED" if run["missed"] else "met",
        )
    table.caption = (
        "points of accuracy by which the pipeline is ahead; "
        f"settled: without the first {report['settling_s']:g} s of a stretch"
    )
    return table


def _stretches(run: dict[str, Any]) -> Table:
    table = _table(f"{run['scenario']}, seed {run['seed']}, verdict {_both(run, 'verdict')}")
    table.add_column("")
    for heading in (*_FIGURES.values(), "rows to a swap", "points", "settled"):
        table.add_column(heading, justify="right")
    for place in (*run["stretches"], run["whole"]):
        for who, name in _WHO.items():
            is_last = who == "pipeline"
            table.add_row(
                f"{place['from']:,}-{place['to']:,}" if who == "frozen" else "",
                name,
                *(_figure(place[who][figure]) for figure in _FIGURES),
                _count(place["rows_to_swap"].get(who)),
                _points(place["points"]) if is_last else "",
                _points(place["settled_points"]) if is_last else "",
            )
    if run["missed"]:
        table.caption = "; ".join(run["missed"])
    return table


def _table(title: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("", no_wrap=True)
    return table


def _both(run: dict[str, Any], name: str) -> str:
    found = [run[who][name] for who in ("in_process", "pipeline")]
    return " / ".join(each if isinstance(each, str) else _count(each) or "–" for each in found)


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _points(points: float | None) -> str:
    return "–" if points is None else f"{points:+.2f}"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
