import numpy as np
import orjson
import pytest

from producer.batches import Batch, EventClock, columns_of, synthetic_batches
from producer.errors import ScenarioError
from producer.scenarios import scenario
from producer.stream import Stream
from producer.transactions import encode_label, encode_transactions
from selfheal.model.schema import Categorical, Fields, Numeric, Schema
from selfheal.records import Label, decode_feedback

SCHEMA = Schema((Numeric("amount"), Categorical("channel", ("web", "shop"))))
CLOCK = EventClock(start_ms=1_700_000_000_000, rate_per_s=1_500.0)


def batch() -> Batch:
    values = np.array([[1.25, 0], [np.nan, 1], [3, 2], [4, np.nan]])
    return Batch(
        first_row=0,
        ids=["a", "b", "c", "d"],
        event_ms=1_700_000_000_000 + np.arange(4),
        columns=columns_of(SCHEMA, values),
        labels=np.array([0, 1, 0, 1], dtype=np.int8),
        probabilities=np.full(4, 0.5),
    )


def test_a_transaction_is_a_flat_object_with_id_time_and_features():
    first, *_ = encode_transactions(batch(), Fields())

    assert first == b'{"id":"a","timestamp":1700000000000,"amount":1.25,"channel":"web"}'


def test_missing_is_null_and_an_unknown_level_is_empty():
    rows = [orjson.loads(value) for value in encode_transactions(batch(), Fields())]

    assert [row["amount"] for row in rows] == [1.25, None, 3, 4]
    assert [row["channel"] for row in rows] == ["web", "shop", "", None]


def test_the_schema_reads_back_what_was_sent():
    rows = [orjson.loads(value) for value in encode_transactions(batch(), Fields())]

    np.testing.assert_array_equal(
        SCHEMA.values(rows), [[1.25, 0], [np.nan, 1], [3, 2], [4, np.nan]]
    )


def test_the_label_is_not_in_the_transaction():
    assert all(b"fraud" not in value for value in encode_transactions(batch(), Fields()))


@pytest.mark.parametrize(
    ("unit", "time"),
    [("ms", 1_700_000_000_000), ("s", 1_700_000_000.0), ("iso", "2023-11-14T22:13:20.000Z")],
)
def test_time_is_written_in_the_schemas_unit(unit, time):
    first, *_ = encode_transactions(batch(), Fields(id="ref", time="at", time_unit=unit))

    assert (orjson.loads(first)["ref"], orjson.loads(first)["at"]) == ("a", time)


def test_no_time_is_written_where_the_schema_has_none():
    first, *_ = encode_transactions(batch(), Fields(time=None))

    assert list(orjson.loads(first)) == ["id", "amount", "channel"]


def test_a_label_is_a_feedback_record():
    value = encode_label("a", 1, 1_700_000_000_000, "chargebacks")

    assert decode_feedback(value) == Label("a", 1, 1_700_000_000_000, "chargebacks")


def test_synthetic_batches_start_at_any_row_and_end_with_the_stream():
    stream = Stream(scenario("abrupt"), 2, 2_300)

    whole = list(synthetic_batches(stream, CLOCK))
    resumed = list(synthetic_batches(stream, CLOCK, first_row=1_700))

    assert [len(b) for b in whole] == [1_000, 1_000, 300]
    assert [(b.first_row, len(b)) for b in resumed] == [(1_700, 300), (2_000, 300)]
    assert encode_transactions(resumed[0], Fields()) == (
        encode_transactions(whole[1].part(700, 1_000), Fields())
    )


def test_synthetic_transactions_are_exactly_what_the_judge_regenerates():
    stream = Stream(scenario("cards-campaign"), 2, 3_000)

    (first, *_) = synthetic_batches(stream, CLOCK)
    schema = stream.scenario.schema
    sent = [orjson.loads(value) for value in encode_transactions(first, schema.fields)]

    np.testing.assert_array_equal(schema.values(sent), stream.rows(0, 1_000).values)


def test_events_follow_each_other_at_the_rate_of_the_clock():
    assert CLOCK.of(np.array([0, 1, 1_500])).tolist() == [
        1_700_000_000_000,
        1_700_000_000_000,
        1_700_000_001_000,
    ]


def test_a_clock_that_stands_still_is_refused():
    with pytest.raises(ScenarioError, match="rate is 0"):
        EventClock(0, 0.0)
