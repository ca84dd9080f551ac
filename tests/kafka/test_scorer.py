"""What a scorer makes of good and bad transactions: a process of its own on a real broker."""

from dataclasses import dataclass

import orjson
import pytest

from producer.scenarios import SCHEMA
from selfheal.bus.dead_letters import PREFIX
from selfheal.bus.message import Message, Outgoing
from selfheal.records import Sample, Summary, decode_feedback
from selfheal.records.authenticity import CODE_HEADER, is_authentic
from selfheal.records.predictions import Prediction
from selfheal.records.service_events import RecordsDeadLettered, ServiceFailed
from tests.deployment import FEEDBACK_KEY, ready
from tests.traffic import START_MS, clean

SECRET = "4929-1234-5678"
VALID = {"id": SECRET, "timestamp": START_MS, **dict.fromkeys(SCHEMA.names, 0.25)}

MALFORMED = {
    "cut off": orjson.dumps(VALID)[:-3],
    "no object": b'"4929-1234-5678"',
    "a text where a number belongs": orjson.dumps(VALID | {"V14": SECRET}),
    "a feature missing": orjson.dumps({k: v for k, v in VALID.items() if k != "V14"}),
    "no id": orjson.dumps({k: v for k, v in VALID.items() if k != "id"}),
    "NaN": orjson.dumps(VALID | {"V14": 7777}).replace(b"7777", b"NaN"),
    "infinity": orjson.dumps(VALID | {"V14": 7777}).replace(b"7777", b"1e999"),
    "no time": orjson.dumps(VALID | {"timestamp": "4929-1234-5678"}),
    "a time before all times": orjson.dumps(VALID | {"timestamp": -4929}),
    "deep nesting": b'{"id":' + b"[" * 100_000,
    "not UTF-8": b'{"id": "4929-1234-5678\xff\xfe"}',
    "a megabyte": b'{"id": "4929-1234-5678' + b"x" * 1_000_000,
    "empty": b"",
    "nothing": None,
}


@dataclass
class Run:
    """What one scorer left on the topics."""

    ids: list[str]
    bad: list[Outgoing]
    lag: int
    exit_code: int
    predictions: list[Prediction]
    letters: dict[bytes, Message]
    feedback: list[Message]
    said: str


@pytest.fixture(scope="module")
def run(deploy, eventually) -> Run:
    """300 good transactions with the malformed ones among them."""
    traffic = clean(300)
    with deploy() as deployment:
        topics = deployment.topics
        bad = [
            Outgoing(topics.transactions, value, name.encode(), (("trace", b"t-1"),), START_MS + i)
            for i, (name, value) in enumerate(MALFORMED.items())
        ]
        records = traffic.transactions(topics)
        for i, record in enumerate(bad):
            records.insert(20 * i, record)
        deployment.send(records)
        scorer = deployment.start_scorer()
        eventually(lambda: deployment.told(RecordsDeadLettered), "a report of the dead letters")
        eventually(lambda: deployment.lag() == 0, "nothing is left to do")
        events = [orjson.dumps(orjson.loads(m.value)) for m in deployment.read(topics.events)]
        return Run(
            ids=traffic.ids,
            bad=bad,
            lag=deployment.lag(),
            exit_code=scorer.stop(),
            predictions=deployment.predictions(),
            letters={m.key: m for m in deployment.read(topics.transactions_dlq)},
            feedback=list(deployment.read(topics.feedback)),
            said=scorer.log.read_text() + b"".join(events).decode(),
        )


def test_each_good_transaction_is_predicted_once_and_nothing_else(run):
    assert sorted(prediction.id for prediction in run.predictions) == sorted(run.ids)


def test_without_any_version_the_backbone_serves_and_says_so(run):
    assert {(each.version, each.epoch) for each in run.predictions} == {("base", 0)}
    assert all(each.score == each.shadow_score for each in run.predictions)


def test_every_record_is_dealt_with(run):
    assert (run.lag, run.exit_code) == (0, 0)


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_record_is_kept_as_it_came_with_where_from_and_why(run, name):
    (sent,) = [record for record in run.bad if record.key == name.encode()]
    letter = run.letters[sent.key]

    errors = {key.removeprefix(PREFIX): value for key, value in letter.headers[1:]}

    assert (letter.value, letter.headers[0], letter.timestamp_ms) == (
        sent.value,
        ("trace", b"t-1"),
        sent.timestamp_ms,
    )
    assert errors["topic"] == sent.topic.encode()
    assert int(errors["partition"]) in (0, 1)
    assert int(errors["offset"]) >= 0
    assert errors["stage"] == b"decode"
    assert errors["exception.class.name"] == b"DecodingError"
    assert b"expected" in errors["exception.message"]


def test_no_header_event_or_line_of_the_log_repeats_a_value(run):
    headers = b"".join(v for m in run.letters.values() for n, v in m.headers if PREFIX in n)

    assert SECRET not in run.said
    assert SECRET.encode() not in headers
    assert b"4929" not in headers
    assert not any(id_ in run.said for id_ in run.ids)


def test_every_scored_row_is_sampled_and_counted_once(run):
    records = [decode_feedback(message.value) for message in run.feedback]

    samples = [record.id for record in records if isinstance(record, Sample)]
    assert sorted(samples) == sorted(run.ids)
    assert sum(r.rows for r in records if isinstance(r, Summary)) == len(run.ids)


def test_feedback_carries_the_scorers_code(run):
    for message in run.feedback:
        code = dict(message.headers)[CODE_HEADER]
        assert is_authentic(FEEDBACK_KEY, message.key, message.value, code)


def test_too_many_bad_records_stop_the_scorer_before_it_drains_the_topic(deployment, eventually):
    topics = deployment.topics
    poison = [Outgoing(topics.transactions, b"poison", b"one partition")] * 30
    good = clean(1).transactions(topics)[0]
    deployment.send([*poison, Outgoing(good.topic, good.value, b"one partition")])
    scorer = deployment.start_scorer(poison_run=20)

    eventually(lambda: not scorer.is_running, "the scorer gives up")

    assert scorer.stop() == 4
    assert scorer.last_lines(1).startswith(f"error: {topics.transactions}: 30 bad records on end")
    (failed,) = deployment.told(ServiceFailed)
    assert (failed.event.cause, failed.event.error_class) == ("safety_limit", "SafetyLimitError")
    assert deployment.predictions() == []
    assert deployment.lag() == 31


def test_a_scorer_at_least_once_predicts_everything_too(deployment, eventually):
    traffic = clean(300)
    deployment.send(traffic.transactions(deployment.topics))
    scorer = deployment.start_scorer(delivery="at_least_once")
    ready(scorer)

    eventually(lambda: deployment.lag() == 0, "every offset is committed")

    assert sorted(each.id for each in deployment.predictions()) == sorted(traffic.ids)
    assert scorer.stop() == 0
