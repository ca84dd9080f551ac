"""What `selfheal registry` prints for people."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from registry.description import describe_version
from registry.diff import VersionDiff
from registry.view import RegistryView


def time_of(unix_ms: int | None) -> str:
    """UTC to the second; "now" for None.

    >>> time_of(0), time_of(None)
    ('1970-01-01 00:00:00Z', 'now')
    """
    if unix_ms is None:
        return "now"
    return f"{datetime.fromtimestamp(unix_ms / 1000, UTC):%Y-%m-%d %H:%M:%S}Z"


def short(backbone_hash: str) -> str:
    """Enough of a hash to tell models apart."""
    return backbone_hash[:12]


def print_versions(view: RegistryView) -> None:
    """A row a version, oldest first, and what serves."""
    rows = [_version_row(describe_version(view, version)) for version in view.versions]
    _print(["version", "model", "parent", "created", "policy", "trigger", "F1", "marks"], rows)
    active = view.active
    serving = "nothing is active: base"
    if active:
        serving = f"{active.version} of model {short(active.backbone_hash)} (epoch {active.epoch})"
    _console().print(f"serving: {serving}", markup=False)
    others = [short(name) for name in view.models if name != view.backbone_hash]
    if others:
        _console().print(f"other models on the topic: {', '.join(others)}", markup=False)
    for held in view.held:
        _console().print(held.message, markup=False)


def print_facts(facts: dict[str, Any]) -> None:
    """A row a fact; nested ones by their path."""
    _print(["fact", "value"], [(name, _word(value)) for name, value in _flat(facts)])


def print_diff(diff: VersionDiff) -> None:
    """Arrays, then facts that differ."""
    arrays = [
        (array.name, _word(array.old_norm), _word(array.new_norm), _word(array.distance))
        for array in diff.arrays
    ]
    _print(["array", "old norm", "new norm", "distance"], arrays)
    facts = [(fact.name, _word(fact.old), _word(fact.new)) for fact in diff.facts]
    _print(["fact", "old", "new"], facts)


def print_history(view: RegistryView) -> None:
    """A row a pointer, oldest first."""
    rows = [
        (
            str(served.pointer.epoch),
            served.pointer.version,
            short(served.pointer.backbone_hash),
            time_of(served.from_ms),
            time_of(served.until_ms),
            f"{served.pointer.threshold:g}",
            served.pointer.reason,
        )
        for served in view.history
    ]
    _print(["epoch", "version", "model", "from", "until", "threshold", "reason"], rows)


def _version_row(facts: dict[str, Any]) -> tuple[str, ...]:
    marks = [
        mark
        for mark, field in (
            ("[ACTIVE]", "is_active"),
            ("[BEST]", "is_best"),
            ("[PINNED]", "is_pinned"),
        )
        if facts[field]
    ]
    if not facts["is_of_model_in_service"]:
        marks.append("[OTHER MODEL]")
    return (
        facts["version"],
        short(facts["backbone_hash"]),
        facts["parent"],
        time_of(facts["created_ms"]),
        facts["policy"],
        facts["trigger"],
        _word(facts["gate"].get("f1")),
        " ".join([*facts["tags"], *marks]),
    )


def _flat(facts: dict[str, Any], path: str = "") -> Iterable[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def _word(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(_word, value)) if isinstance(value, list | tuple) else str(value)


def _print(columns: list[str], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    _console().print(table)


def _console() -> Console:
    """Made when used, so that it writes to the standard output of that moment."""
    return Console(highlight=False)
