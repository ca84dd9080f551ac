"""Events on a real topic."""

import pytest

from selfheal.bus.message import Outgoing
from selfheal.bus.writer import TransactionalWriter, Writer
from selfheal.records.healing_events import HealHeld, LabelsNeeded
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.events import read_event

HELD = HealHeld(heal=3, policy="selfheal", reason="too_few_frauds", kept_version="v2", duration_s=1)
NEEDED = LabelsNeeded(requests=20, reason="signal_lost")


def test_events_arrive_in_order_and_read_back_as_they_were_told(bus, topics, committed_values):
    with Writer(bus) as writer:
        log = EventLog(
            writer.send, topic=topics.events, service="healer", instance="h-1", clock=lambda: 1234
        )
        told = [log.tell(event) for event in (HELD, NEEDED, HELD)]

    assert [read_event(value) for value in committed_values(topics.events)] == told


def test_an_aborted_transaction_does_not_erase_the_event_that_tells_of_it(
    bus, topics, committed_values
):
    with Writer(bus) as writer, TransactionalWriter(bus, "scorer") as transactional:
        log = EventLog(
            writer.send, topic=topics.events, service="scorer", instance="s-1", clock=lambda: 1234
        )
        with pytest.raises(RuntimeError), transactional.transaction():
            transactional.send(Outgoing(topics.predictions, b"{}"))
            told = log.tell(HELD)
            raise RuntimeError("the batch failed")

    assert committed_values(topics.predictions) == []
    assert [read_event(value) for value in committed_values(topics.events)] == [told]
