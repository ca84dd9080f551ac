"""The figures as tables for people."""

from typing import Any

from rich.table import Table

_STAGE_MEANING = {
    "decode": "JSON to one array, types checked",
    "score": "active and shadow score, rules, conflicts",
    "encode": "predictions and feedback to JSON",
    "send": "to the client's queue",
    "commit": "outputs and offsets, waiting for the broker",
    "other": "reading, summaries, metrics, waiting",
}


def throughput_table(report: dict[str, Any]) -> Table:
    """Rates and ratios, then where a transaction's time goes."""
    table = Table(title=_conditions(report), title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("messages/s", justify="right")
    table.add_column("over echo", justify="right")
    table.add_column("µs each", justify="right")
    table.add_column("CPU µs", justify="right")
    cpu = {name: f"{us:.2f}" for name, us in report["cpu_us"].items()}
    echo, once = report["echo_per_s"], report["scorer_per_s"]
    least = report["at_least_once_per_s"]
    table.add_row("echo: the bare client", f"{echo:,}", "1.00", _each(echo), cpu["echo"])
    table.add_row(
        "scorer, exactly once",
        f"{once:,}",
        f"{report['scorer_over_echo']:.2f}",
        _each(once),
        cpu["exactly_once"],
    )
    table.add_row(
        "scorer, at least once",
        f"{least:,}",
        f"{report['at_least_once_over_echo']:.2f}",
        _each(least),
        cpu["at_least_once"],
        end_section=True,
    )
    ratio = report["exactly_once_over_at_least_once"]
    table.add_row("exactly once over at least once", "", f"{ratio:.2f}", "", end_section=True)
    for stage, us in report["stages_us"].items():
        table.add_row(f"  {stage}: {_STAGE_MEANING[stage]}", "", "", f"{us:.2f}")
    return table


def swap_table(report: dict[str, Any]) -> Table:
    """Delays and pauses in milliseconds."""
    title = (
        f"{report['swaps']} swaps, {report['scorers']} scorers, "
        f"{report['rate_per_s']:,.0f} transactions a second"
    )
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("milliseconds")
    for name in ("p50", "p99", "max"):
        table.add_column(name, justify="right")
    rows = {
        "commit to first prediction made": "scored_ms",
        "commit to first prediction readable": "readable_ms",
        "pause in scoring": "pause_ms",
    }
    for label, key in rows.items():
        table.add_row(label, *(f"{report[key][name]:.1f}" for name in ("p50", "p99", "max")))
    return table


def _each(per_s: int) -> str:
    return f"{1e6 / per_s:.2f}"


def _conditions(report: dict[str, Any]) -> str:
    machine = report["machine"]
    return (
        f"{report['transactions']:,} messages of {report['message_bytes']} bytes, "
        f"{len(report['rounds'])} round(s), {report['sample_share']:.1%} samples; "
        f"{machine['cores']} cores, load {machine['load_1m']}"
    )


_DIGITS_MEANING = {
    "clean": ("clean images", "92"),
    "corrupted": ("corrupted images", "61"),
    "healed": ("healed by 500 labelled images", "88.8"),
    "healed_without_labels": ("healed by the same images, no label", ""),
    "fine_tuned": ("whole network trained on by the same", ""),
    "ceiling": ("trained on the noise, 1,297 images", ""),
    "healed_on_clean": ("healed, on clean images", ""),
}


def digits_table(report: dict[str, Any]) -> Table:
    """Accuracies in percent, beside those published on CIFAR-10-C."""
    title = f"digits under Gaussian noise of {report['noise_sd']:g}, {report['seeds']} seeds"
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("accuracy, %")
    for name in ("mean", "sd", "published"):
        table.add_column(name, justify="right")
    for name, figure in report["accuracy"].items():
        meaning, published = _DIGITS_MEANING[name]
        mean, sd = (f"{100 * figure[key]:.1f}" for key in ("mean", "sd"))
        table.add_row(meaning, mean, sd, published)
    return table


def monitors_tables(report: dict[str, Any]) -> tuple[Table, Table]:
    """False alarms on unchanged streams; rows from the onset of a shift to its alarm."""
    title = (
        f"alarms without drift, {report['seeds']} seeds; ours: 1 in {report['run_length']:g} looks"
    )
    clean = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("stream", "rows a look", "looks", "K-S p < .05", "PSI > .25", "category .05"):
        clean.add_column(name, justify="right")
    clean.add_column("ours, features", justify="right")
    clean.add_column("ours, layers", justify="right")
    for row in report["clean"]:
        looks = row["looks"]
        published = (row.get(name, 0) / looks for name in ("ks_p_05", "psi_25", "categories_05"))
        clean.add_row(
            row["scenario"],
            f"{row['look_rows']:,}",
            f"{looks:,}",
            *(f"{share:.1%}" for share in published),
            str(row.get("traffic", 0)),
            str(row.get("layers", 0)),
        )
    delays = Table(title="rows to the alarm", title_justify="left", box=None, pad_edge=False)
    for name in ("shift of one feature, sd", "median", "largest", "not found"):
        delays.add_column(name, justify="right")
    for row in report["delays"]:
        found = sorted(rows for rows in row["rows"] if rows is not None)
        missed = len(row["rows"]) - len(found)
        middle, last = (f"{found[i]:,}" if found else "" for i in (len(found) // 2, -1))
        delays.add_row(f"{row['shift_sd']:g}", middle, last, str(missed))
    return clean, delays
