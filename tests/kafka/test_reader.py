"""Reading whole topics."""

import contextlib
import time

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from selfheal.bus import reader as reader_module
from selfheal.bus.errors import BrokerUnreachable, TopicMissing
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import partition_counts
from selfheal.bus.writer import TransactionalWriter, Writer


def test_an_empty_topic_is_read_to_its_end_at_once(bus, topics):
    with LogReader(bus, [topics.adapters]) as reader:
        assert reader.read_to_end() == []


def test_all_partitions_are_read_to_their_end(bus, topics, write):
    values = [b"%d" % number for number in range(500)]
    write(topics.feedback, values)

    with LogReader(bus, [topics.feedback]) as reader:
        messages = reader.read_to_end()

    assert sorted(m.value for m in messages) == sorted(values)
    assert {m.partition for m in messages} == {0, 1}


def test_the_end_is_found_behind_a_commit_marker(bus, topics):
    with TransactionalWriter(bus, "healer") as writer, writer.transaction():
        writer.send(Outgoing(topics.adapters, b"v1", b"active"))

    with LogReader(bus, [topics.adapters]) as reader:
        messages = reader.read_to_end(timeout_s=5.0)
        again = reader.read_to_end(timeout_s=5.0)

    assert [m.value for m in messages] == [b"v1"]
    assert again == []


def test_an_open_transaction_neither_shows_nor_holds_up_a_reader(bus, topics, write):
    write(topics.adapters, [b"old"])
    with TransactionalWriter(bus, "healer") as writer, LogReader(bus, [topics.adapters]) as reader:
        with writer.transaction():
            writer.send(Outgoing(topics.adapters, b"new", b"active"))
            before = reader.read_to_end(timeout_s=5.0)
        after = reader.read_to_end(timeout_s=5.0)

    assert [m.value for m in before] == [b"old"]
    assert [m.value for m in after] == [b"new"]


def test_an_aborted_transaction_is_never_read(bus, topics):
    with TransactionalWriter(bus, "healer") as writer:
        with contextlib.suppress(ZeroDivisionError), writer.transaction():
            writer.send(Outgoing(topics.adapters, b"v1", b"active"))
            _ = 1 / 0
        with writer.transaction():
            writer.send(Outgoing(topics.adapters, b"v2", b"active"))

    with LogReader(bus, [topics.adapters]) as reader:
        assert [m.value for m in reader.read_to_end()] == [b"v2"]


def test_every_reader_sees_every_record(bus, topics, write):
    write(topics.feedback, [b"a", b"b"])

    with LogReader(bus, [topics.feedback]) as one, LogReader(bus, [topics.feedback]) as other:
        assert len(one.read_to_end()) == len(other.read_to_end()) == 2


def test_starting_at_the_latest_skips_what_is_there_and_misses_nothing_after(bus, topics, write):
    write(topics.feedback, [b"old"] * 3)

    with LogReader(bus, [topics.feedback], start="latest") as reader:
        write(topics.feedback, [b"new"])
        messages = reader.read_to_end()

    assert [m.value for m in messages] == [b"new"]


def test_starting_at_a_time_reads_from_that_time_on(bus, topics):
    with Writer(bus) as writer:
        for at_ms in (1000, 2000, 3000):
            writer.send(Outgoing(topics.feedback, b"%d" % at_ms, b"one key", timestamp_ms=at_ms))
    with LogReader(bus, [topics.feedback], start=2000) as reader:
        messages = reader.read_to_end()

    assert [(m.value, m.timestamp_ms) for m in messages] == [(b"2000", 2000), (b"3000", 3000)]


def test_key_value_and_headers_arrive_as_they_were_sent(bus, topics):
    sent = Outgoing(
        topics.feedback, None, b"\xff\x00", (("a", b"1"), ("a", b"2"), ("empty", None)), 1234
    )
    with Writer(bus) as writer:
        writer.send(sent)

    with LogReader(bus, [topics.feedback]) as reader:
        (message,) = reader.read_to_end()

    assert (message.topic, message.value, message.key) == (sent.topic, None, b"\xff\x00")
    assert (message.headers, message.timestamp_ms) == (sent.headers, 1234)


def test_lag_falls_to_zero_at_the_end(bus, topics, write):
    write(topics.adapters, [b"%d" % number for number in range(10)])

    with LogReader(bus, [topics.adapters]) as reader:
        first = reader.poll(max_records=1, timeout_s=10.0)
        lag_after_one = reader.lag()
        reader.read_to_end()

        assert (len(first), lag_after_one, reader.lag()) == (1, 9, 0)


def test_new_partitions_are_read_from_their_beginning(bus, topics, write, eventually, monkeypatch):
    monkeypatch.setattr(reader_module, "LOOK_AT_PARTITIONS_EVERY_S", 0.1)
    values = [b"%d" % number for number in range(50)]
    with LogReader(bus, [topics.feedback], start="latest") as reader:
        admin = _admin(bus)
        admin.create_partitions([NewPartitions(topics.feedback, 5)])[topics.feedback].result()
        eventually(lambda: partition_counts(bus)[topics.feedback] == 5, "five partitions")
        write(topics.feedback, values)
        messages = []

        eventually(lambda: messages.extend(reader.poll()) or len(messages) == 50, "all records")

    assert sorted(m.value for m in messages) == sorted(values)


def test_a_topic_that_is_deleted_while_it_is_read_is_named(bus, topics, monkeypatch):
    monkeypatch.setattr(reader_module, "LOOK_AT_PARTITIONS_EVERY_S", 0.1)
    with LogReader(bus, [topics.feedback]) as reader:
        admin = _admin(bus)
        admin.delete_topics([topics.feedback])[topics.feedback].result()

        with pytest.raises(TopicMissing, match=topics.feedback):
            _poll_for(reader, seconds=20.0)


def _admin(bus):
    return AdminClient({"bootstrap.servers": bus.bootstrap})


def _poll_for(reader, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        reader.poll()


def test_a_missing_topic_is_named(bus):
    with pytest.raises(TopicMissing, match=f"{bus.prefix}adapters"):
        LogReader(bus, [f"{bus.prefix}adapters"]).open()


def test_a_reader_without_a_broker_gives_up_after_the_time_allowed():
    nowhere = BusSettings("127.0.0.1:1", timeout_s=0.5)

    with pytest.raises(BrokerUnreachable, match=r"at 127\.0\.0\.1:1 within 0\.5 s"):
        LogReader(nowhere, ["adapters"]).open()
