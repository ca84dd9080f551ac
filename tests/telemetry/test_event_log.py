import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog

from selfheal.bus.message import Outgoing
from selfheal.records.healing_events import HealHeld, LabelsNeeded
from selfheal.telemetry.errors import EventError
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.events import read_event

HELD = HealHeld(heal=3, policy="selfheal", reason="too_few_frauds", kept_version="v2", duration_s=1)


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    structlog.reset_defaults()  # another test may have started a service's logging
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream))
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def sent() -> list[Outgoing]:
    return []


@pytest.fixture
def log(sent: list[Outgoing]) -> EventLog:
    return EventLog(
        sent.append, topic="x.events", service="healer", instance="h-1", clock=lambda: 1234
    )


def test_an_event_goes_to_its_topic_under_the_instances_key(log: EventLog, sent: list[Outgoing]):
    told = log.tell(HELD)

    (record,) = sent
    assert (record.topic, record.key, record.timestamp_ms) == ("x.events", b"h-1", 1234)
    assert read_event(record.value) == told


def test_an_event_is_logged_even_when_it_cannot_be_sent(lines: io.StringIO):
    def refuse(record: Outgoing) -> None:
        raise ConnectionError("no broker")

    log = EventLog(refuse, topic="events", service="healer", instance="h-1", clock=lambda: 1)

    with pytest.raises(ConnectionError):
        log.tell(HELD)

    assert "heal.held" in lines.getvalue()


def test_a_wrong_field_is_refused_before_anything_is_logged_or_sent(
    log: EventLog, sent: list[Outgoing], lines: io.StringIO
):
    with pytest.raises(EventError):
        log.tell(LabelsNeeded(requests=1, reason="call 555-0100"))

    assert sent == []
    assert lines.getvalue() == ""


def test_threads_get_sequence_numbers_without_gap_or_double(log: EventLog, sent: list[Outgoing]):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: log.tell(HELD), range(200)))

    assert sorted(read_event(record.value).sequence for record in sent) == list(range(1, 201))
