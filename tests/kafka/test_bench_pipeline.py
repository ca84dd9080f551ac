"""The pipeline on a real broker gives what the same cores give in one process."""

import orjson
import pytest
from typer.testing import CliRunner

from bench.pipeline import PipelinePlan, measure_run
from bench.pipeline_tables import pipeline_tables
from cli.main import app

SEED = 900


def test_an_abrupt_drift_is_healed_alike_on_a_broker_and_in_one_process(broker):
    """Five of eight drifted rows are left out, as the machine may be busy: 5 s to heal."""
    plan = PipelinePlan(("abrupt",), (SEED,), transactions=12_000, rate=1_000.0, settling_s=5.0)

    run = measure_run(plan, "abrupt", SEED, broker.bootstrap)

    assert run["missed"] == []
    drifted = run["stretches"][1]
    assert drifted["settled_rows"] == 3_000
    assert drifted["pipeline"]["accuracy"] > drifted["frozen"]["accuracy"] + 0.1
    assert drifted["rows_to_swap"]["in_process"] <= drifted["rows_to_swap"]["pipeline"]
    clean = run["stretches"][0]  # other batches round sums otherwise, by a last bit
    assert clean["pipeline"] == pytest.approx(clean["in_process"], abs=1e-6)


def test_a_stream_without_drift_is_served_bit_by_bit_as_the_frozen_model_would(broker):
    plan = PipelinePlan(("null",), (SEED,), transactions=6_000, rate=2_000.0)

    run = measure_run(plan, "null", SEED, broker.bootstrap)

    assert run["missed"] == []
    assert (run["pipeline"]["published"], run["pipeline"]["changed_rows"]) == (0, 0)
    assert (run["pipeline"]["lost"], run["pipeline"]["doubled"]) == (0, 0)
    tables = list(
        pipeline_tables(
            {"runs": [run], "whole_points": 0.5, "stretch_points": 1.0, "settling_s": 2.0}
        )
    )
    assert [table.row_count for table in tables] == [1, 6]


def test_a_pipeline_that_is_behind_in_a_stretch_without_settling_fails_the_command(tmp_path):
    """2,000 drifted rows in less than a second: no pipeline heals before a third have passed."""
    out = tmp_path / "report.json"
    stream = ("--scenarios", "abrupt", "--seeds", "900", "--transactions", "3000")
    options = (*stream, "--rate", "3000", "--settling-s", "0", "--out", str(out))

    result = CliRunner().invoke(app, ["bench", "pipeline", *options])

    assert result.exit_code == 1, result.output
    report = orjson.loads(out.read_bytes())
    assert not report["is_met"]
    assert [line.split(":")[0] for line in report["runs"][0]["missed"]] == [
        "rows 1,000 to 3,000",
        "rows 0 to 3,000",
    ]
    assert "MISSED" in result.output
