"""The pipeline on a real broker gives what the same cores give in one process."""

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from bench.healing.prequential import LABEL_DELAY_ROWS, LABEL_SHARE
from bench.pipeline import SCENARIOS, PipelinePlan, measure_run, scenarios_named
from bench.pipeline_tables import pipeline_tables
from cli.backtest.late_labels import LateLabels
from cli.main import app
from producer.batches import EventClock, synthetic_batches
from producer.errors import ScenarioError
from producer.labels import Labeller
from producer.outflow import Outflow
from producer.scenarios import scenario
from producer.stream import Stream, row_of_id
from producer.stretches import Stretch

SEED = 900


def test_both_learn_from_the_same_labels_at_the_same_rows():
    stream = Stream(scenario("abrupt"), SEED, 5_000)
    outflow = Outflow(stream.scenario.schema.fields, Labeller(stream.scenario.labels, SEED))
    late = LateLabels(LABEL_DELAY_ROWS, LABEL_SHARE, SEED)
    sent, known = [], []

    for batch in synthetic_batches(stream, EventClock(0, 1_500.0)):
        end = batch.first_row + len(batch)
        labels = (orjson.loads(value) for _, value in outflow.send(batch).labels)
        sent += [(row_of_id(label["id"]), label["label"], end) for label in labels]
        late.expect(
            Stretch(batch.first_row, batch.ids, batch.event_ms, np.zeros((len(batch), 1))),
            batch.labels,
        )
        for some in late.known(end):
            pairs = zip(some.row.tolist(), some.label.tolist(), strict=True)
            known += [(row, label, end) for row, label in pairs]

    assert len(known) > 200
    assert sorted(sent) == sorted(known)


@pytest.mark.parametrize(
    ("text", "error"), [("abrubt", ScenarioError), ("null,article", ValueError)]
)
def test_only_scenarios_with_the_labels_of_a_backtest_are_compared(text, error):
    with pytest.raises(error, match="there are"):
        scenarios_named(text)


def test_the_promised_scenarios_are_compared():
    assert scenarios_named("recurring, prior,concept,gradual,null") == SCENARIOS


def test_an_abrupt_drift_is_healed_alike_on_a_broker_and_in_one_process(broker):
    """Two thirds of the drifted rows are left out, as the machine may be busy: 4 s to heal."""
    plan = PipelinePlan(("abrupt",), (SEED,), transactions=9_000, rate=1_000.0, settling_s=4.0)

    run = measure_run(plan, "abrupt", SEED, broker.bootstrap)

    assert run["missed"] == []
    drifted = run["stretches"][1]
    assert drifted["settled_rows"] == 2_000
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


@pytest.mark.component  # the command starts a broker of its own
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


@pytest.mark.parametrize("options", [["--seeds", "0,900"], ["--scenarios", "article"]])
def test_what_cannot_be_compared_is_bad_usage(options):
    assert CliRunner().invoke(app, ["bench", "pipeline", *options]).exit_code == 2
