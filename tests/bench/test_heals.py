"""What heals cost: each kind of rows is timed, and what is timed does heal."""

import numpy as np
import pytest

from bench.clean_file import TARGET, write_clean_file
from bench.heal_tables import heals_tables
from bench.heal_windows import drifted_rows
from bench.heals import HealsPlan, measure_heals
from healer.anchors import anchors_of
from producer.files import open_file


@pytest.fixture(scope="module")
def report():
    plan = HealsPlan(1, backtest_rows=3_000, training_rows=500, features=(10,), seed=900)
    return measure_heals(plan, lambda _: None)


def test_every_kind_of_rows_is_healed_and_taught(report):
    assert [row["rows"] for row in report["heals"]] == [row["rows"] for row in report["lessons"]]
    assert {row["by"] for row in report["heals"]} == {"likelihood", "ranks"}
    assert sum(report["heals"][0]["outcomes"].values()) == 2
    assert "fits_unseen_rows" in report["heals"][0]["outcomes"]
    for row in report["heals"]:
        assert 0.0 < row["ms"]["median"] <= row["ms"]["p95"]
    for row in report["lessons"]:
        assert 0.0 < row["linear_ms"]["median"] < row["lesson_ms"]["median"]


def test_backtests_without_drift_heal_nothing(report):
    found = [(row["policy"], row["rows"], row["heals"]) for row in report["backtests"]]

    assert found == [("none", 3_000, 0), ("selfheal", 3_000, 0)]
    assert all(row["rows_per_s"] > 0 and row["cpu_us"] > 0.0 for row in report["backtests"])


def test_all_figures_are_shown(report):
    heals, lessons, backtests = heals_tables(report)

    assert heals.row_count == lessons.row_count == len(report["heals"])
    assert backtests.row_count == 2


def test_normal_rows_are_those_that_a_heal_takes_for_normal():
    for drifted in drifted_rows(1_000, seed=900):
        assert (anchors_of(drifted.model) is not None) == drifted.is_normal
        assert [len(window) for window in drifted.windows(500)] == [500, 500]


def test_a_clean_file_has_so_many_rows_and_features_and_both_classes(tmp_path):
    write_clean_file(tmp_path / "clean.csv", rows=60_001, features=12, seed=0)

    file = open_file(str(tmp_path / "clean.csv"))
    columns = file.whole(file.columns)

    assert len(file.columns) == 13
    labels = np.array(columns[TARGET].values.to_pylist(), dtype=np.int64)
    assert len(labels) == 60_001
    assert labels.mean() == pytest.approx(0.15, abs=0.01)
