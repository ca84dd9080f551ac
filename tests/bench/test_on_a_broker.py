"""What the measurements read and write on a real broker."""

import numpy as np
import pytest

from bench.arrivals import arrival_times_ms
from bench.echo import echo
from bench.errors import BenchError
from bench.first_predictions import FirstPredictions
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.records import Prediction, encode


def test_echo_copies_every_record_with_its_key(bus: BusSettings, topics: Topics):
    sent = {f"key-{number}".encode(): f"value-{number}".encode() for number in range(3000)}
    with Writer(bus) as writer:
        for key, value in sent.items():
            writer.send(Outgoing(topics.transactions, value, key))

    cpu_us = echo(bus, topics.transactions, topics.predictions, "echo", len(sent))

    with LogReader(bus, [topics.predictions]) as reader:
        copies = reader.read_to_end()
    assert len(copies) == len(sent)
    assert {copy.key: copy.value for copy in copies} == sent
    assert cpu_us > 0


def test_arrivals_are_those_of_one_run_and_all_of_them(bus: BusSettings, topics: Topics):
    times = [1_000, *range(5_000, 5_100)]
    with Writer(bus) as writer:
        for time_ms in times:
            writer.send(Outgoing(topics.predictions, b"{}", timestamp_ms=time_ms))

    arrived = arrival_times_ms(bus, topics.predictions, began_ms=4_000, records=100)

    np.testing.assert_array_equal(np.sort(arrived), times[1:])


def test_records_too_many_are_an_error(bus: BusSettings, topics: Topics):
    with Writer(bus) as writer:
        for _ in range(3):
            writer.send(Outgoing(topics.predictions, b"{}", timestamp_ms=5_000))

    with pytest.raises(BenchError, match="3 records were written, expected 2"):
        arrival_times_ms(bus, topics.predictions, began_ms=0, records=2)


def test_each_scorers_first_prediction_of_a_version_is_found(bus: BusSettings, topics: Topics):
    with LogReader(bus, [topics.predictions], start="latest") as reader, Writer(bus) as writer:
        seen = FirstPredictions(reader, owners={0: "scorer-1", 1: "scorer-2"})
        for number in range(200):  # keys on both partitions
            version = "v1" if number < 100 else "v2"
            prediction = Prediction(
                f"t{number}", 1, 1_000 + number, 0.5, 1, version, 1, shadow_score=0.5
            )
            writer.send(Outgoing(topics.predictions, encode(prediction), f"t{number}".encode()))
        writer.flush()

        first = seen.of("v2", timeout_s=20.0)

    assert len(first) == 2
    assert 1_100 <= min(found.scored_ms for found in first) <= 1_102
    assert all(found.scored_ms < 1_150 for found in first)


def test_a_scorer_that_never_serves_the_version_is_named(bus: BusSettings, topics: Topics):
    with LogReader(bus, [topics.predictions]) as reader:
        seen = FirstPredictions(reader, owners={0: "scorer-1"})

        with pytest.raises(BenchError, match="scorer-1 made no prediction by v9"):
            seen.of("v9", timeout_s=0.0)
