"""Writing, alone and in transactions."""

import pytest

from selfheal.bus.errors import BrokerUnreachable, DeliveryFailed, Fenced, TopicMissing
from selfheal.bus.message import Outgoing
from selfheal.bus.settings import BusSettings
from selfheal.bus.writer import TransactionalWriter, Writer


def test_a_full_local_queue_makes_the_writer_wait_and_drops_nothing(bus, topics, committed_values):
    small = BusSettings(bus.bootstrap, bus.prefix, {"queue.buffering.max.messages": "10"})

    with Writer(small) as writer:
        for number in range(500):
            writer.send(Outgoing(topics.events, b"%d" % number))

    assert len(committed_values(topics.events)) == 500


def test_writing_to_a_missing_topic_raises_and_names_it(bus, topics):
    writer = Writer(bus)
    writer.open()
    writer.send(Outgoing(f"{bus.prefix}nowhere", b"x"))

    with pytest.raises(TopicMissing, match=f"{bus.prefix}nowhere"):
        writer.flush()


def test_a_record_above_the_topics_limit_raises(bus, topics, rng):
    writer = Writer(bus)
    writer.open()
    writer.send(Outgoing(topics.events, rng.bytes(2_000_000)))  # noise: it cannot be compressed

    with pytest.raises(DeliveryFailed, match=topics.events):
        writer.flush()


def test_flushing_without_a_broker_raises_within_the_time_allowed():
    writer = Writer(BusSettings("127.0.0.1:1", timeout_s=0.5))
    writer.open()
    writer.send(Outgoing("events", b"x"))

    with pytest.raises(BrokerUnreachable, match="records not delivered"):
        writer.close()


def test_the_records_of_a_transaction_appear_together(bus, topics, committed_values):
    with TransactionalWriter(bus, "healer") as writer, writer.transaction():
        writer.send(Outgoing(topics.adapters, b"snapshot", b"snapshot/v1"))
        writer.send(Outgoing(topics.adapters, b"pointer", b"active"))
        during = committed_values(topics.adapters)

    assert during == []
    assert committed_values(topics.adapters) == [b"snapshot", b"pointer"]


def test_the_last_to_take_an_id_fences_the_others(bus, topics, committed_values):
    with TransactionalWriter(bus, "healer") as old, TransactionalWriter(bus, "healer") as new:
        with pytest.raises(Fenced), old.transaction():
            old.send(Outgoing(topics.adapters, b"old", b"active"))
        with new.transaction():
            new.send(Outgoing(topics.adapters, b"new", b"active"))

    assert committed_values(topics.adapters) == [b"new"]


def test_taking_an_id_ends_the_transaction_that_its_holder_left_open(bus, topics, committed_values):
    def publish_while_another_takes_over():
        with TransactionalWriter(bus, "healer") as old, old.transaction():
            old.send(Outgoing(topics.adapters, b"old", b"active"))
            with TransactionalWriter(bus, "healer") as new, new.transaction():
                new.send(Outgoing(topics.adapters, b"new", b"active"))

    with pytest.raises(Fenced):
        publish_while_another_takes_over()

    assert committed_values(topics.adapters) == [b"new"]


def test_sending_outside_a_transaction_is_a_mistake(bus, topics):
    with TransactionalWriter(bus, "healer") as writer, pytest.raises(RuntimeError, match="outside"):
        writer.send(Outgoing(topics.adapters, b"x"))


def test_taking_an_id_without_a_broker_raises_within_the_time_allowed():
    with pytest.raises(BrokerUnreachable, match="within 1 s"):
        TransactionalWriter(BusSettings("127.0.0.1:1", timeout_s=1.0), "healer").open()
