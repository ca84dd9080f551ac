"""What the batch loop promises when processes die, hang, time out or lose their broker."""

import os
import signal
import time

import pytest
from confluent_kafka import Consumer, TopicPartition

from selfheal.bus.embedded import EmbeddedBroker
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.stream import Stream
from selfheal.bus.stream_settings import Hooks, StreamSettings, Undone
from selfheal.bus.topic_admin import create_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer

IDS = [b"%d" % number for number in range(12_000)]


class Predictions:
    """The committed predictions so far."""

    def __init__(self, bus, topics):
        self._reader = LogReader(bus, [topics.predictions])
        self._reader.open()
        self.values = []

    def reach(self, count):
        """Read what is there; whether that makes `count` different ones."""
        self.values += [message.value for message in self._reader.poll()]
        return len(set(self.values)) >= count

    def lost_and_doubled(self):
        """Of all that is committed: how many have no prediction, and how many one too many."""
        self.values += [message.value for message in self._reader.read_to_end()]
        return len(set(IDS) - set(self.values)), len(self.values) - len(set(self.values))

    def close(self):
        """Stop following."""
        self._reader.close()


@pytest.fixture
def predictions(bus, topics):
    following = Predictions(bus, topics)
    yield following
    following.close()


@pytest.mark.parametrize("mode", ["exactly_once", "at_least_once"])
def test_kill_minus_nine_again_and_again_loses_nothing(
    bus, topics, write, start_worker, predictions, eventually, mode
):
    write(topics.transactions, IDS)
    workers = [start_worker(mode), start_worker(mode)]

    for count in (1_000, 3_000, 5_000):
        eventually(lambda count=count: predictions.reach(count), f"{count} predictions")
        workers.pop(0).kill()
        workers.append(start_worker(mode))
    eventually(lambda: predictions.reach(len(IDS)), "a prediction for every transaction")
    statuses = [worker.terminated() for worker in workers]

    lost, doubled = predictions.lost_and_doubled()
    assert (lost, statuses) == (0, [0, 0])
    if mode == "exactly_once":
        assert doubled == 0


def test_a_zombie_that_wakes_up_commits_nothing_and_rejoins(
    bus, topics, write, start_worker, predictions, eventually
):
    write(topics.transactions, IDS)
    zombie = start_worker()
    eventually(lambda: predictions.reach(1_000), "the first worker's predictions")
    zombie.signal(signal.SIGSTOP)
    successor = start_worker()
    eventually(lambda: predictions.reach(4_000), "the second worker's predictions")
    zombie.signal(signal.SIGCONT)

    eventually(lambda: predictions.reach(len(IDS)), "a prediction for every transaction")
    assert [zombie.terminated(), successor.terminated()] == [0, 0]
    assert predictions.lost_and_doubled() == (0, 0)


def test_sigterm_commits_what_is_done_and_leaves_the_group_at_once(
    bus, topics, write, start_worker, predictions, eventually
):
    write(topics.transactions, IDS)
    worker = start_worker(session_timeout_ms=60_000)
    eventually(lambda: predictions.reach(1_000), "the first predictions")

    status = worker.terminated(timeout_s=10.0)
    successor = start_worker(session_timeout_ms=60_000)

    # Far within the sixty seconds for which a member that did not say good-bye would be missed.
    eventually(lambda: predictions.reach(len(IDS)), "the successor's predictions")
    assert [status, successor.terminated()] == [0, 0]
    assert predictions.lost_and_doubled() == (0, 0)


def test_a_transaction_that_times_out_is_undone_and_done_again(
    bus, topics, write, committed_values, eventually
):
    write(topics.transactions, IDS[:100])
    short = StreamSettings(topics.transactions, "echo", interval_s=0.1, transaction_timeout_s=1.0)
    reasons = []
    with Stream(bus, short, Hooks(on_undone=reasons.append)) as stream:
        while not (batch := stream.poll()):
            pass
        stream.send_all(topics.predictions, batch.values, batch.keys)
        eventually(
            lambda: stable_end(bus, topics.predictions) > 0, "an abort by the broker on its own"
        )
        outcome = stream.commit_if_due(time.monotonic())
        again = []
        while len(again) < 100:
            batch = stream.poll()
            again += batch.values
            stream.send_all(topics.predictions, batch.values, batch.keys)
            stream.commit_if_due(time.monotonic())

    assert isinstance(outcome, Undone)
    assert (reasons, stream.undone_count) == ([outcome.reason], 1)
    assert sorted(again) == sorted(IDS[:100])
    assert sorted(committed_values(topics.predictions)) == sorted(IDS[:100])


def stable_end(bus, topic):
    """Offset before which every transaction has ended, summed over partitions."""
    consumer = Consumer({"bootstrap.servers": bus.bootstrap, "group.id": "looking"})
    ends = [consumer.get_watermark_offsets(TopicPartition(topic, p), 10.0)[1] for p in (0, 1)]
    consumer.close()
    return sum(ends)


def test_a_broker_that_dies_and_comes_back_costs_no_record(tmp_path, start_worker, eventually):
    # A new broker must wait until the controller takes its predecessor for dead: 9 s by default.
    impatient = {"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "500"}
    with EmbeddedBroker(tmp_path / "kafka", server_properties=impatient) as broker:
        modes = {
            mode: BusSettings(broker.bootstrap, f"{mode}.")
            for mode in ("exactly_once", "at_least_once")
        }
        followed = {mode: _fill_and_follow(bus) for mode, bus in modes.items()}
        workers = [start_worker(mode, settings=bus) for mode, bus in modes.items()]
        for predictions in followed.values():
            eventually(lambda p=predictions: p.reach(1_000), "the first predictions")

        os.kill(broker.pid, signal.SIGKILL)
        broker.stop()
        broker.start()

        for predictions in followed.values():
            eventually(lambda p=predictions: p.reach(len(IDS)), "every prediction", 60.0)
        assert [worker.terminated() for worker in workers] == [0, 0]
        lost_and_doubled = {mode: p.lost_and_doubled() for mode, p in followed.items()}
        for predictions in followed.values():
            predictions.close()

    assert lost_and_doubled["exactly_once"] == (0, 0)
    assert lost_and_doubled["at_least_once"][0] == 0


def _fill_and_follow(bus):
    topics = Topics(bus.prefix)
    create_topics(bus, topics.specs(partitions=2))
    with Writer(bus) as writer:
        for value in IDS:
            writer.send(Outgoing(topics.transactions, value, value))
    return Predictions(bus, topics)
