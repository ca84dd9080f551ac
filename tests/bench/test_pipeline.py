"""The pipeline and one process are given the same rows and labels; what is not so is refused."""

import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from bench.healing.prequential import LABEL_DELAY_ROWS, LABEL_SHARE
from bench.pipeline import SCENARIOS, scenarios_named
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


@pytest.mark.parametrize("options", [["--seeds", "0,900"], ["--scenarios", "article"]])
def test_what_cannot_be_compared_is_bad_usage(options):
    assert CliRunner().invoke(app, ["bench", "pipeline", *options]).exit_code == 2
