"""The producer against a real broker: what it writes, how it stops, how it goes on."""

import os
import signal
import subprocess
import sys

import orjson
import pytest

from producer.scenarios import scenario
from producer.service import run
from producer.settings import ProducerSettings
from producer.stream import Stream, row_of_id
from selfheal.records import decode_feedback
from selfheal.runtime.settings import SettingsError
from selfheal.runtime.stopping import StopSignal

START_MS = 1_700_000_000_000


@pytest.fixture
def settings(bus, topics):
    def make(**given):
        usual = {"scenario": "abrupt", "transactions": 3_000, "rate": 0, "start_ms": START_MS}
        return ProducerSettings(bootstrap=bus.bootstrap, prefix=bus.prefix, **usual | given)

    return make


@pytest.fixture
def environment(bus):
    """Of a producer process of its own."""
    own = {"BOOTSTRAP": bus.bootstrap, "PREFIX": bus.prefix, "START_MS": START_MS}
    named = {f"SELFHEAL_PRODUCER_{name}": str(value) for name, value in own.items()}
    return os.environ | named | {"SELFHEAL_PRODUCER_LOG_JSON": "true"}


def rows_of(values: list[bytes]) -> list[int]:
    return sorted(row_of_id(orjson.loads(value)["id"]) for value in values)


def test_each_row_is_written_once_as_the_judge_regenerates_it(settings, topics, committed_values):
    run(settings(), StopSignal())

    written = [orjson.loads(value) for value in committed_values(topics.transactions)]
    written.sort(key=lambda transaction: row_of_id(transaction["id"]))
    truth = Stream(scenario("abrupt"), seed=0, transactions=3_000).rows(0, 3_000)
    assert (scenario("abrupt").schema.values(written) == truth.values).all()


def test_labels_that_are_due_are_written_to_feedback(settings, topics, committed_values):
    run(settings(label_rate=1.0, label_delay=1_000), StopSignal())

    labels = [decode_feedback(value) for value in committed_values(topics.feedback)]
    truth = Stream(scenario("abrupt"), seed=0, transactions=3_000).rows(0, 3_000).labels
    assert {row_of_id(each.id): each.label for each in labels} == dict(
        enumerate(truth[:2_000].tolist())
    )


def test_start_and_end_are_told(settings, topics, committed_values):
    run(settings(transactions=10), StopSignal())

    told = [orjson.loads(value) for value in committed_values(topics.events)]
    assert [event["event"]["action"] for event in told] == ["service.started", "service.stopped"]


def test_a_file_that_cannot_be_read_to_its_end_is_told_as_a_failure(
    settings, topics, committed_values, tmp_path
):
    path = tmp_path / "history.csv"
    path.write_text("id,amount,is_fraud\na,1.5,0\nb,2.5,maybe\n")

    with pytest.raises(SettingsError, match="is_fraud"):
        run(settings(file=path, target="is_fraud", transactions=None), StopSignal())

    told = [orjson.loads(value) for value in committed_values(topics.events)]
    assert [event["event"]["action"] for event in told] == ["service.started", "service.failed"]


def test_a_producer_told_to_stop_leaves_at_once_and_another_goes_on(
    settings, topics, committed_values, environment, eventually
):
    environment |= {"SELFHEAL_PRODUCER_TRANSACTIONS": "3000", "SELFHEAL_PRODUCER_RATE": "500"}
    first = subprocess.Popen(
        [sys.executable, "-m", "producer"], env=environment, stdout=subprocess.PIPE
    )
    eventually(lambda: committed_values(topics.transactions), "the first transactions")

    first.send_signal(signal.SIGTERM)
    log, _ = first.communicate(timeout=15)
    lines = [orjson.loads(line) for line in log.splitlines()]
    (left,) = [line["selfheal"] for line in lines if line["message"] == "stream.left"]
    run(settings(first_row=left["next_row"]), StopSignal())

    assert first.returncode == 0
    assert 0 < left["next_row"] < 3_000
    assert left["start_ms"] == START_MS
    assert rows_of(committed_values(topics.transactions)) == list(range(3_000))


def test_a_file_is_replayed(settings, topics, committed_values, tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("id,amount,is_fraud\na,1.5,0\nb,,1\n")

    run(
        settings(file=path, target="is_fraud", transactions=None, label_rate=1.0, label_delay=0),
        StopSignal(),
    )

    sent = [orjson.loads(value) for value in committed_values(topics.transactions)]
    labels = [decode_feedback(value) for value in committed_values(topics.feedback)]
    assert {row["id"]: row["amount"] for row in sent} == {"a": 1.5, "b": None}
    assert {label.id: label.label for label in labels} == {"a": 0, "b": 1}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"scenario": "abrubt"}, "no scenario abrubt"),
        ({"file": "gone.csv"}, r"gone\.csv: no such file"),
        ({"first_row": 5, "start_ms": None}, "start_ms: missing"),
    ],
)
def test_what_cannot_be_sent_as_asked_is_a_wrong_setting(settings, wrong, why):
    with pytest.raises(SettingsError, match=why):
        run(settings(**wrong), StopSignal())
