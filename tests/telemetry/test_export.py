import csv
import json
from pathlib import Path

import numpy as np
import pytest

from selfheal.records import Thresholds, read_thresholds
from selfheal.records.healing_events import HealHeld
from selfheal.telemetry.batches import BatchTable, ScoredStream, batch_table
from selfheal.telemetry.errors import ExportError
from selfheal.telemetry.events import ToldEvent
from selfheal.telemetry.export import (
    COLUMNS,
    THRESHOLDS_NOTE,
    events_json,
    metrics_csv,
    thresholds_json,
    write_export,
    write_whole,
)

PUBLISHED = ["accuracy", "f1", "precision", "recall", "z", "conflicts", "lift", "state"]
TOLD = ToldEvent(1_760_000_000_123, "healer", "h", 1, HealHeld(3, "selfheal", "why", "v2", 1.5))


@pytest.fixture
def table() -> BatchTable:
    """Two batches of three rows: the first well served, the second without a label."""
    nan = np.nan
    return batch_table(
        ScoredStream(
            labels=np.array([1.0, 0.0, 0.0, nan, nan, nan]),
            scores=np.array([0.9, 0.2, 0.8, 0.1, 0.1, 0.9]),
            decisions=np.array([True, False, True, False, False, True]),
            shadow_scores=np.array([0.1, 0.2, 0.8, 0.1, 0.1, 0.9]),
            conflicts=np.array([False, True, False, False, False, False]),
            versions=np.array(["base", "v1", "v1", "v1", "v1", "v1"]),
            states=np.array(["HEALTHY"] * 5 + ["DRIFTING"]),
            z=np.array([0.25, 0.25, 0.25, nan, nan, nan]),
            event_ms=np.arange(6, dtype=np.int64) * 1000,
        ),
        batch_rows=3,
    )


def test_the_published_columns_come_first_after_the_batchs_place():
    assert list(COLUMNS)[:10] == ["batch", "first_row", *PUBLISHED]


def test_a_row_a_batch_with_known_values_and_empty_cells_for_what_is_undefined(table: BatchTable):
    assert metrics_csv(table).decode().splitlines() == [
        "batch,first_row,accuracy,f1,precision,recall,z,conflicts,lift,state,version,"
        "shadow_accuracy,shadow_f1,rows,labelled_rows,event_ms",
        "0,0,0.666667,0.666667,0.5,1,0.25,1,0.333333,HEALTHY,v1,0.333333,0,3,3,0",
        "1,3,,,,,,0,,DRIFTING,v1,,,3,0,3000",
    ]


def test_events_are_an_array_of_documents():
    (document,) = json.loads(events_json([TOLD]))

    assert document["event"]["action"] == "heal.held"
    assert document["selfheal"]["heal"] == 3


def test_thresholds_are_written_as_they_are_read():
    thresholds = Thresholds(rollback_f1_drop=0.03, note="As agreed in March.")

    assert read_thresholds(thresholds_json(thresholds)) == thresholds


def test_a_threshold_file_says_whose_it_is_where_nobody_noted_anything():
    written = read_thresholds(thresholds_json(Thresholds(rollback_f1_drop=0.03)))

    assert written == Thresholds(rollback_f1_drop=0.03, note=THRESHOLDS_NOTE)


def test_an_export_is_three_files(table: BatchTable, tmp_path: Path):
    paths = write_export(tmp_path / "out" / "monitoring_export", table, [TOLD], Thresholds())

    assert [path.name for path in paths] == ["metrics.csv", "events.json", "threshold_config.json"]
    with paths[0].open() as file:
        assert [row["batch"] for row in csv.DictReader(file)] == ["0", "1"]
    assert sorted(paths[0].parent.iterdir()) == sorted(paths)


def test_the_threshold_file_of_operations_is_left_as_it_is(table: BatchTable, tmp_path: Path):
    ours = tmp_path / "threshold_config.json"
    ours.write_bytes(thresholds_json(Thresholds(rollback_f1_drop=0.03)))

    write_export(tmp_path, table, [], Thresholds())

    assert read_thresholds(ours.read_bytes()).rollback_f1_drop == 0.03


def test_a_folder_that_cannot_be_made_is_refused_with_its_name(tmp_path: Path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(ExportError, match=r"file/metrics\.csv: .*choose another folder"):
        write_whole(tmp_path / "file" / "metrics.csv", b"x")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    target = tmp_path / "metrics.csv"
    target.mkdir()

    with pytest.raises(ExportError):
        write_whole(target, b"new")

    assert list(tmp_path.iterdir()) == [target]
