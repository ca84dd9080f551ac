"""A batch is decoded as its records would be one by one, however good or bad they are."""

from typing import Any

import numpy as np
import orjson
import pytest

from consumer.decoding import TransactionDecoder
from selfheal.model.schema import Fields, Numeric, Schema

SCHEMA = Schema((Numeric("a"), Numeric("b")))


def record(**fields: Any) -> bytes:
    return orjson.dumps({"id": "t", "timestamp": 5, "a": 1.0, "b": 2} | fields)


def decoded_alone(schema: Schema, records: list[bytes]) -> np.ndarray:
    """The values of each record as a batch of its own."""
    return np.concatenate([TransactionDecoder(schema).decode([r], [0])[0].values for r in records])


def test_a_missing_value_is_nan_and_changes_no_other_row():
    records = [record(a=0.1), record(a=None), record(b=1e300)]

    transactions, faults = TransactionDecoder(SCHEMA).decode(records, [])

    assert not faults
    np.testing.assert_array_equal(transactions.values, [[0.1, 2], [np.nan, 2], [1, 1e300]])
    np.testing.assert_array_equal(transactions.values, decoded_alone(SCHEMA, records))


def test_one_feature_is_a_column():
    transactions, _ = TransactionDecoder(Schema((Numeric("a"),))).decode([record(a=3)] * 2, [])

    assert transactions.values.tolist() == [[3.0], [3.0]]


def test_an_empty_batch_gives_empty_arrays():
    transactions, faults = TransactionDecoder(SCHEMA).decode([], [])

    assert (transactions.values.shape, len(transactions), faults) == ((0, 2), 0, [])


@pytest.mark.parametrize("wrong", [-1, 2**53, 10**400, -1e300])
def test_a_time_that_makes_no_sense_costs_only_its_record(wrong: float):
    records = [record(id="first"), record_at(wrong), record(id="last", timestamp=7.9)]

    transactions, faults = TransactionDecoder(SCHEMA).decode(records, [])

    assert transactions.ids == ["first", "last"]
    assert transactions.event_ms.tolist() == [5, 7]
    assert transactions.positions.tolist() == [0, 2]
    assert [fault.position for fault in faults] == [1]


def record_at(time: float) -> bytes:
    """A record with a time that orjson may refuse to write."""
    return b'{"id": "bad", "timestamp": %s, "a": 1, "b": 2}' % str(time).encode()


@pytest.mark.parametrize("time", [0, 1.0005, 1_700_000_000, 1_700_000_000.123])
def test_seconds_are_truncated_to_milliseconds_alike_in_a_batch_and_alone(time: float):
    schema = Schema(SCHEMA.features, Fields(time_unit="s"))
    bad = record(timestamp=-1)

    together = TransactionDecoder(schema).decode([record(timestamp=time)] * 3, [])[0]
    beside_a_bad_one = TransactionDecoder(schema).decode([record(timestamp=time), bad], [])[0]

    assert together.event_ms.tolist() == [int(time * 1000)] * 3
    assert beside_a_bad_one.event_ms.tolist() == [int(time * 1000)]


def test_the_records_own_times_serve_where_the_schema_names_no_field():
    decoder = TransactionDecoder(Schema(SCHEMA.features, Fields(time=None)))

    transactions, _ = decoder.decode([record(), b"not JSON", record()], [10, 20, 30])

    assert decoder.reads_record_times
    assert transactions.event_ms.tolist() == [10, 30]
