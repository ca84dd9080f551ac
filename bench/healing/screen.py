"""The report as tables for people: first what was to be reached, then who scored how well."""

from collections.abc import Iterator
from typing import Any

from rich.table import Table

_FIGURES = {
    "accuracy": "accuracy, %",
    "f1": "F1",
    "recall": "recall",
    "auc_pr": "AUC-PR",
    "log_loss": "log-loss",
    "cost": "cost a row",
}
_VERDICTS = {True: "met", False: "MISSED", None: "not measured"}


def healing_tables(report: dict[str, Any]) -> Iterator[Table]:
    """Two tables for each of the report's, the second alone where nothing is to be reached."""
    for name, found in report["tables"].items():
        title = f"{name}. {found['title']}"
        if found["targets"]:
            yield _targets(title, found["targets"])
            title = f"{name}, who scored how well"
        yield _cases(title, found["cases"])


def verdict_line(report: dict[str, Any]) -> str:
    """How many targets are met."""
    seeds = ", ".join(map(str, report["seeds"]))
    kind = "development seeds" if report["is_development"] else "seeds"
    return f"{report['met']} of {report['judged']} targets met, {kind} {seeds}"


def _targets(title: str, targets: list[dict[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("target")
    for name in ("wanted", "measured", ""):
        table.add_column(name, justify="right")
    for target in targets:
        table.add_row(target["measure"], _wanted(target), _measured(target), _verdict(target))
    return table


def _wanted(target: dict[str, Any]) -> str:
    sense = "≥" if target["sense"] == "at least" else "≤"
    every = ", each seed" if target["over"] == "every seed" else ""
    return f"{sense} {target['bound']:.3g}{every}"


def _measured(target: dict[str, Any]) -> str:
    if target["over"] == "every seed" and target["worst"] is not None:
        return f"worst {target['worst']:.3g}"
    return _spread(target, 1.0, ".4g")


def _verdict(target: dict[str, Any]) -> str:
    return _VERDICTS[target["is_met"]]


def _cases(title: str, cases: dict[str, Any]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("")
    told = {name for scored in cases.values() for found in scored.values() for name in found}
    shown = [figure for figure in _FIGURES if figure in told]
    for figure in shown:
        table.add_column(_FIGURES[figure], justify="right")
    for case, contestants in cases.items():
        for place, (who, figures) in enumerate(contestants.items()):
            cells = (_cell(figure, figures.get(figure)) for figure in shown)
            table.add_row(case if place == 0 else "", who.replace("_", " "), *cells)
    return table


def _cell(figure: str, found: dict[str, Any] | None) -> str:
    if found is None:
        return ""
    match figure:
        case "accuracy":
            return _spread(found, 100.0, ".1f")
        case "cost":
            return _spread(found, 1.0, ".4g")
        case _:
            return _spread(found, 1.0, ".3f")


def _spread(found: dict[str, Any], unit: float, style: str) -> str:
    if found["mean"] is None:
        return "–"
    return f"{unit * found['mean']:{style}} ± {unit * found['sd']:.2g}"
