"""`monitoring_export/`: metrics.csv, events.json and threshold_config.json, as published."""

import csv
import io
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson

from selfheal.records import Thresholds
from selfheal.telemetry.batches import BatchTable
from selfheal.telemetry.errors import ExportError
from selfheal.telemetry.events import ToldEvent, event_document

METRICS_FILE = "metrics.csv"
EVENTS_FILE = "events.json"
THRESHOLDS_FILE = "threshold_config.json"

THRESHOLDS_NOTE = (
    "Owned by operations. A healer that was given this file applies what is edited in it while it "
    "runs, and tells each change as an event; what is not valid is refused, the old values stay."
)
"""For whoever opens a threshold file that says nothing else."""

_Column = Callable[[BatchTable], Any]

COLUMNS: MappingProxyType[str, tuple[str, _Column]] = MappingProxyType(
    {
        "batch": ("number of the batch, from 0", lambda t: np.arange(len(t))),
        "first_row": ("number of its first row in the producer's order", lambda t: t.first_row),
        "accuracy": ("share of right decisions, as served", lambda t: t.healed.accuracy),
        "f1": ("harmonic mean of precision and recall", lambda t: t.healed.f1),
        "precision": ("share of frauds among decisions for it", lambda t: t.healed.precision),
        "recall": ("share of the frauds found", lambda t: t.healed.recall),
        "z": ("FIDI: shift of the key feature's mean, in sd", lambda t: t.z),
        "conflicts": ("rows a rule calls fraud and the score not", lambda t: t.conflicts),
        "lift": ("accuracy minus shadow_accuracy", lambda t: t.lift),
        "state": ("of the healer, at the last row", lambda t: t.state),
        "version": ("adapter version that served most rows", lambda t: t.version),
        "shadow_accuracy": ("accuracy of the frozen model", lambda t: t.shadow.accuracy),
        "shadow_f1": ("F1 of the frozen model", lambda t: t.shadow.f1),
        "rows": ("rows with a prediction", lambda t: t.rows),
        "labelled_rows": ("of these, rows with a label", lambda t: t.healed.labelled),
        "event_ms": ("event time of the first row, Unix ms", lambda t: t.event_ms),
    }
)
"""The columns of metrics.csv: meaning and source. The published ones come first."""


def metrics_csv(table: BatchTable) -> bytes:
    """The table as CSV, a row a batch, ratios to six digits; what is undefined is an empty cell."""
    columns = [source(table) for _, source in COLUMNS.values()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in zip(*columns, strict=True))
    return text.getvalue().encode()


def events_json(events: Iterable[ToldEvent]) -> bytes:
    """The events as a JSON array of ECS documents, in the order given."""
    documents = [event_document(told) for told in events]
    return orjson.dumps(documents, option=orjson.OPT_INDENT_2) + b"\n"


def thresholds_json(thresholds: Thresholds) -> bytes:
    """The thresholds as the file that operations edit; an empty note is filled in."""
    thresholds = replace(thresholds, note=thresholds.note or THRESHOLDS_NOTE)
    return orjson.dumps(thresholds, option=orjson.OPT_INDENT_2) + b"\n"


def write_export(
    folder: Path, table: BatchTable, events: Iterable[ToldEvent], thresholds: Thresholds
) -> list[Path]:
    """Write the three files, each whole or not at all; the paths, in the order above.

    A threshold file that is there already stays as it is: it belongs to operations.
    Raises ExportError where the folder cannot be written.
    """
    contents = {METRICS_FILE: metrics_csv(table), EVENTS_FILE: events_json(events)}
    if not (folder / THRESHOLDS_FILE).exists():
        contents[THRESHOLDS_FILE] = thresholds_json(thresholds)
    for name, content in contents.items():
        write_whole(folder / name, content)
    return [folder / name for name in (METRICS_FILE, EVENTS_FILE, THRESHOLDS_FILE)]


def write_whole(path: Path, content: bytes) -> None:
    """Write the file so that a reader sees the old one or the new one, never a half.

    Makes the folder where it is missing. Raises ExportError where that, or writing, fails.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise ExportError(
            f"{path}: {error.strerror or error}, expected a folder that can be written; "
            "free space or choose another folder"
        ) from error


def _cell(value: Any) -> str:
    if isinstance(value, np.floating):
        return "" if np.isnan(value) else f"{value:.6g}"
    return str(value)
