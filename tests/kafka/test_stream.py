"""The batch loop with one member, and with members that come and go."""

import time

import pytest
from confluent_kafka.admin import AdminClient

from selfheal.bus.errors import BrokerUnreachable, DeliveryFailed, TopicMissing
from selfheal.bus.message import Outgoing
from selfheal.bus.settings import BusSettings
from selfheal.bus.stream import Stream
from selfheal.bus.stream_settings import Committed, Hooks, NotDue, StreamSettings

IDS = [b"%d" % number for number in range(300)]


@pytest.fixture
def settings(topics):
    return StreamSettings(topics.transactions, "echo", interval_s=0.1, transaction_timeout_s=3.0)


def echo(stream, topics, batch):
    stream.send_all(topics.predictions, batch.values, batch.keys)
    return stream.commit_if_due(time.monotonic())


def consumed(stream, topics, count, timeout_s=30.0):
    """Echo until `count` records were handed out."""
    deadline, taken = time.monotonic() + timeout_s, []
    while len(taken) < count and time.monotonic() < deadline:
        batch = stream.poll()
        taken += batch.values
        echo(stream, topics, batch)
    return taken


@pytest.mark.parametrize("is_exactly_once", [True, False])
def test_every_record_is_echoed_once_and_the_group_keeps_its_place(
    bus, topics, write, committed_values, is_exactly_once
):
    settings = StreamSettings(topics.transactions, "echo", is_exactly_once=is_exactly_once)
    write(topics.transactions, IDS[:200])
    with Stream(bus, settings) as stream:
        consumed(stream, topics, 200)
    write(topics.transactions, IDS[200:])

    with Stream(bus, settings) as stream:
        again = consumed(stream, topics, 100)

    assert sorted(again) == sorted(IDS[200:])
    assert sorted(committed_values(topics.predictions)) == sorted(IDS)


def test_outputs_are_not_readable_before_the_commit(bus, topics, write, committed_values):
    write(topics.transactions, IDS)
    patient = StreamSettings(topics.transactions, "echo", interval_s=5.0)
    with Stream(bus, patient) as stream:
        stream.commit_if_due(time.monotonic())
        taken = []
        while len(taken) < len(IDS):
            batch = stream.poll()
            taken += batch.values
            stream.send_all(topics.predictions, batch.values, batch.keys)
        before = committed_values(topics.predictions)

    assert before == []
    assert len(committed_values(topics.predictions)) == len(IDS)


def test_leaving_by_an_exception_commits_nothing(bus, topics, settings, write, committed_values):
    write(topics.transactions, IDS)

    def die_in_the_middle_of_a_batch():
        with Stream(bus, settings) as stream:
            while not (batch := stream.poll()):
                pass
            stream.send(Outgoing(topics.predictions, batch.values[0]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        die_in_the_middle_of_a_batch()

    assert committed_values(topics.predictions) == []
    with Stream(bus, settings) as stream:
        assert sorted(consumed(stream, topics, len(IDS))) == sorted(IDS)


def test_a_batch_has_columns_and_whole_messages(bus, topics, settings, write):
    write(topics.transactions, [b"v"])
    with Stream(bus, settings) as stream:
        while not (batch := stream.poll()):
            pass
        message = batch.message(0)

    assert (batch.values, batch.keys, batch.offsets) == ([b"v"], [b"v"], [0])
    assert batch.timestamps_ms == [message.timestamp_ms]
    assert batch.positions == {message.partition: 1}
    assert (message.topic, message.key, message.value) == (topics.transactions, b"v", b"v")


def test_assigned_comes_before_records_and_revoked_before_the_last_commit(
    bus, topics, settings, write, committed_values
):
    write(topics.transactions, IDS[:1])
    story = []

    def say_goodbye(partitions):
        story.append(("revoked", partitions))
        stream.send(Outgoing(topics.predictions, b"goodbye"))

    hooks = Hooks(
        on_assigned=lambda partitions: story.append(("assigned", partitions)),
        on_revoked=say_goodbye,
    )
    with Stream(bus, settings, hooks) as stream:
        while not (batch := stream.poll()):
            pass
        story.append(("records", batch.values))

    assert story == [("assigned", [0, 1]), ("records", IDS[:1]), ("revoked", [0, 1])]
    assert committed_values(topics.predictions) == [b"goodbye"]


def test_nothing_is_due_without_work_or_before_the_interval(bus, topics, settings, write):
    with Stream(bus, settings) as stream:
        assert stream.commit_if_due(time.monotonic()) == NotDue()
        write(topics.transactions, IDS[:1])
        while not (batch := stream.poll()):
            pass
        first = echo(stream, topics, batch)
        second = stream.commit_if_due(time.monotonic())

    assert isinstance(first, Committed)
    assert second == NotDue()


def test_progress_shows_lag_until_all_is_read(bus, topics, settings, write):
    write(topics.transactions, IDS)
    with Stream(bus, settings) as stream:
        while not stream.poll(max_records=1):
            pass
        lag_at_first = sum(p.lag_records for p in stream.progress())
        consumed(stream, topics, len(IDS) - 1)

        assert lag_at_first > 0
        assert [p.lag_records for p in stream.progress()] == [0, 0]
        assert sum(p.position for p in stream.progress()) == len(IDS)


def test_a_full_local_queue_makes_the_stream_wait_and_drops_nothing(
    bus, topics, settings, write, committed_values
):
    write(topics.transactions, IDS)
    small = BusSettings(
        bus.bootstrap, bus.prefix, {**bus.properties, "queue.buffering.max.messages": "10"}
    )
    with Stream(small, settings) as stream:
        consumed(stream, topics, len(IDS))

    assert sorted(committed_values(topics.predictions)) == sorted(IDS)


def test_partitions_are_shared_when_a_member_joins_and_come_back_when_it_leaves(
    bus, topics, settings, write, committed_values
):
    first, second = Stream(bus, settings), Stream(bus, settings)
    first.open()
    write(topics.transactions, IDS[:100])
    _turns([first], topics, lambda: first.partitions == [0, 1])
    second.open()
    _turns([first, second], topics, lambda: len(first.partitions) == len(second.partitions) == 1)
    write(topics.transactions, IDS[100:200])
    _turns([first, second], topics, lambda: second.progress()[0].position > 0)
    second.close()
    _turns([first], topics, lambda: first.partitions == [0, 1])
    write(topics.transactions, IDS[200:])
    _turns([first], topics, lambda: sum(p.position for p in first.progress()) >= len(IDS))
    first.close()

    assert sorted(committed_values(topics.predictions)) == sorted(IDS)


def _turns(streams, topics, claim, timeout_s=30.0):
    """Let the members take turns until the claim holds."""
    deadline = time.monotonic() + timeout_s
    while not claim():
        assert time.monotonic() < deadline, "the members never got there"
        for stream in streams:
            echo(stream, topics, stream.poll())


def test_a_missing_topic_is_named_at_the_start(bus):
    settings = StreamSettings(f"{bus.prefix}transactions", "echo")

    with pytest.raises(TopicMissing, match="selfheal topics create"), Stream(bus, settings):
        pass


def test_a_topic_that_is_deleted_while_it_is_read_is_named(bus, topics, settings):
    watchful = {**bus.properties, "topic.metadata.refresh.interval.ms": "500"}
    admin = AdminClient({"bootstrap.servers": bus.bootstrap})

    def run():
        with Stream(BusSettings(bus.bootstrap, bus.prefix, watchful), settings) as stream:
            _turns([stream], topics, lambda: stream.partitions)
            admin.delete_topics([topics.transactions])[topics.transactions].result()
            _turns([stream], topics, lambda: False, timeout_s=40.0)

    with pytest.raises(TopicMissing, match=topics.transactions):
        run()


@pytest.mark.parametrize("is_exactly_once", [True, False])
def test_a_missing_output_topic_stops_the_stream_and_is_named(bus, topics, write, is_exactly_once):
    settings = StreamSettings(topics.transactions, "echo", is_exactly_once=is_exactly_once)
    write(topics.transactions, IDS[:10])
    nowhere = f"{bus.prefix}nowhere"

    def run():
        with Stream(bus, settings) as stream:
            deadline = time.monotonic() + 30.0
            while time.monotonic() < deadline:
                batch = stream.poll()
                stream.send_all(nowhere, batch.values, batch.keys)
                stream.commit_if_due(time.monotonic())

    with pytest.raises(TopicMissing, match=nowhere):
        run()


def test_a_record_above_the_topics_limit_stops_the_stream(bus, topics, settings, write, rng):
    write(topics.transactions, IDS[:1])

    def run():
        with Stream(bus, settings) as stream:
            while not stream.poll():
                pass
            stream.send(Outgoing(topics.predictions, rng.bytes(2_000_000)))
            stream.commit_if_due(time.monotonic())

    with pytest.raises(DeliveryFailed, match=topics.predictions):
        run()


def test_a_stream_without_a_broker_gives_up_after_the_time_allowed():
    nowhere = BusSettings("127.0.0.1:1", timeout_s=0.5)

    with pytest.raises(BrokerUnreachable, match=r"within 0\.5 s"):
        Stream(nowhere, StreamSettings("transactions", "echo")).open()
