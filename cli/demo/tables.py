"""What a demo shows at its end: the verdict beside the frozen model and a constant. Pure."""

from typing import Any

from rich.table import Table

from cli.threshold_choice import choice_line

_FIGURES = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "auc_pr": "AUC-PR",
    "log_loss": "log-loss",
}
_STAGES = {
    "clean": "frozen, before the onset",
    "drifted": "frozen, judged rows",
    "healed": "healed, judged rows",
    "always_majority": "always legitimate, judged",
}
_STUDIED = {
    "clean": "frozen, before the drift",
    "frozen": "frozen, drifted",
    "recipe": "healed, the recipe alone",
    "full": "healed, with the rollback watch",
    "always_legit": "always legitimate",
}


def final_table(report: dict[str, Any]) -> Table:
    """The verdict as a table: every stage with the figures that a reader must see together."""
    title = f"{report['scenario']}, policy {report['policy']}, seed {report['seed']}"
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for heading in ("rows", *_FIGURES.values(), "cost*"):
        table.add_column(heading, justify="right", no_wrap=True)
    costs = report["costs"]
    cost = costs["per_1000"]
    for name, stage in report["stages"].items():
        table.add_row(*_cells(_STAGES[name], stage, cost[name]))
    after = report["after_onset"]
    if after["healed"]["rows"][0] < after["healed"]["rows"][1]:
        table.add_section()
        table.add_row(
            *_cells("frozen, after the onset", after["shadow"], cost["after_onset_shadow"])
        )
        table.add_row(
            *_cells("healed, after the onset", after["healed"], cost["after_onset_healed"])
        )
    table.caption = (
        f"* of 1,000 transactions: {costs['missed_fraud']:,g} a missed fraud, "
        f"{costs['false_alarm']:,g} a false alarm{_capacity(costs['review_capacity'])}"
    )
    return table


def study_table(report: dict[str, Any]) -> Table:
    """The recipe over ten seeds, beside what was published and the constant that it must beat."""
    study = report["study"]
    first, last = study["seeds"]
    table = Table(title=f"the article's experiment, seeds {first}-{last - 1}", title_justify="left")
    table.add_column("")
    figures = [figure for figure in _FIGURES if figure != "log_loss"]
    for figure in figures:
        table.add_column(_FIGURES[figure], justify="right")
    for name, label in _STUDIED.items():
        mean, sd = study["figures"][name]["mean"], study["figures"][name]["sd"]
        table.add_row(label, *(_with_sd(mean.get(f), sd.get(f)) for f in figures))
    table.add_section()
    for name, label in (("frozen", "frozen, published"), ("healed", "healed, published")):
        published = study["published"][name]
        table.add_row(label, *(_number(published.get(figure)) for figure in figures))
    table.caption = "mean ± sd; each seed judged on 20,000 fresh drifted rows (clean: clean rows)"
    return table


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
    if "threshold" in report["costs"]:
        lines.append(choice_line(report["costs"]["threshold"]))
    if swap["p99"] is not None:
        lines.append(
            f"from publish to the first prediction of the new version: "
            f"p50 {swap['p50']:.0f} ms, p99 {swap['p99']:.0f} ms over all scorers"
        )
    return lines


def estimate_lines(report: dict[str, Any]) -> list[str]:
    """How well rows were said to be decided before their labels came, where that was said."""
    found = report["without_labels"]
    if not found["estimates"]:
        why = ", ".join(dict.fromkeys(found["withdrawn"])) or "too few rows"
        return [f"without labels nobody could tell how well the judged rows were decided: {why}"]
    return [
        f"without labels, judged rows: accuracy {_number(found['estimated_accuracy'])} expected, "
        f"{_number(found['accuracy'])} true; F1 {_number(found['estimated_f1'])} expected, "
        f"{_number(found['f1'])} true"
    ]


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


def _cells(name: str, stage: dict[str, Any], cost: float | None) -> list[str]:
    first, last = stage["rows"]
    shown = [_number(stage[figure]) for figure in _FIGURES]
    return [name, f"{first:,}-{last:,}", *shown, "–" if cost is None else f"{cost:,.0f}"]


def _capacity(share: float) -> str:
    return f", at most {share:.1%} of them reviewed" if share < 1.0 else ""


def _with_sd(mean: float | None, sd: float | None) -> str:
    if mean is None:
        return "–"
    return f"{mean:.3f}" if sd is None else f"{mean:.3f} ± {sd:.3f}"


def _number(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"
