"""One leads, the others stand by."""

import pytest

from selfheal.bus.errors import Fenced, TopicMissing
from selfheal.bus.leadership import Leadership
from selfheal.bus.message import Outgoing
from selfheal.bus.settings import BusSettings
from selfheal.bus.writer import TransactionalWriter


@pytest.fixture
def candidates(bus, topics):
    """Two that stand for the same office."""
    pair = Leadership(bus, "healers", topics.adapters), Leadership(bus, "healers", topics.adapters)
    yield pair
    for candidate in pair:
        candidate.close()


def offices(candidates):
    return [candidate.poll(timeout_s=0.02) for candidate in candidates]


def test_a_lone_candidate_leads(bus, topics, eventually):
    with Leadership(bus, "healers", topics.adapters) as candidate:
        eventually(lambda: candidate.poll(0.02), "the only one leads")


def test_a_newcomer_does_not_depose_the_leader(candidates, eventually):
    first, second = candidates
    first.open()
    eventually(lambda: first.poll(0.02), "the first leads")
    second.open()

    seen = [offices(candidates) for _ in range(80)]  # three seconds, several rebalances

    assert seen == [[True, False]] * 80


def test_when_the_leader_steps_down_the_other_leads(candidates, eventually):
    first, second = candidates
    first.open()
    eventually(lambda: first.poll(0.02), "the first leads")
    second.open()
    first.close()

    eventually(lambda: second.poll(0.02), "the second leads")
    assert not first.is_leader


def test_a_leader_that_does_not_poll_is_replaced_and_learns_it(topics, bus, eventually):
    hasty = BusSettings(
        bus.bootstrap, bus.prefix, {**bus.properties, "max.poll.interval.ms": "3000"}
    )
    with Leadership(hasty, "healers", topics.adapters) as hung:
        eventually(lambda: hung.poll(0.02), "the first leads")
        with Leadership(hasty, "healers", topics.adapters) as other:
            eventually(lambda: other.poll(0.02), "the other leads while the first does not poll")

            eventually(lambda: not hung.poll(0.02), "the first learns that it leads no more")


def test_a_deposed_leader_is_fenced_when_it_publishes(candidates, bus, topics, eventually):
    first, second = candidates
    first.open()
    eventually(lambda: first.poll(0.02), "the first leads")
    old = TransactionalWriter(bus, "healer")
    old.open()
    second.open()
    first.close()  # and does not know it: its writer stays open
    eventually(lambda: second.poll(0.02), "the second leads")

    with TransactionalWriter(bus, "healer") as new, new.transaction():
        new.send(Outgoing(topics.adapters, b"new", b"active"))

    with pytest.raises(Fenced), old.transaction():
        old.send(Outgoing(topics.adapters, b"old", b"active"))


def test_leading_reads_no_record(bus, topics, write, eventually):
    write(topics.adapters, [b"1", b"2"])
    with Leadership(bus, "healers", topics.adapters) as candidate:
        eventually(lambda: candidate.poll(0.02), "the only one leads")
        write(topics.adapters, [b"3"])

        assert all(candidate.poll(0.05) for _ in range(10))


def test_a_missing_topic_is_named(bus):
    with pytest.raises(TopicMissing, match="adapters"):
        Leadership(bus, "healers", f"{bus.prefix}adapters").open()
