"""The one place that tells an event: to the `events` topic, and to the log."""

import threading
from collections.abc import Callable
from dataclasses import asdict

import structlog

from selfheal.bus.message import Outgoing
from selfheal.records import Event, encode
from selfheal.telemetry.ecs import SHAPES
from selfheal.telemetry.events import ToldEvent, event_document
from selfheal.telemetry.meters import Meters
from selfheal.telemetry.metrics import EVENTS_TOLD


class EventLog:
    """Tells the events of one service instance. Safe from any thread.

    send:  of an idempotent writer; not of the transactional one, whose aborted transaction would
           erase the event that tells of it
    topic: name of the `events` topic
    clock: Unix milliseconds
    meters: of the service, which count what is told; None counts nowhere
    """

    def __init__(
        self,
        send: Callable[[Outgoing], None],
        *,
        topic: str,
        service: str,
        instance: str,
        clock: Callable[[], int],
        meters: Meters | None = None,
    ) -> None:
        self._send = send
        self._topic = topic
        self._service = service
        self._instance = instance
        self._clock = clock
        self._meters = meters
        self._told = 0
        self._lock = threading.Lock()
        self._logger = structlog.get_logger("selfheal.events")

    def tell(self, event: Event) -> ToldEvent:
        """Log the event and send it.

        Raises EventError for a field that is not of its type, and whatever `send` raises; the
        line is logged before, so that a broker that is away hides nothing.
        """
        with self._lock:
            self._told += 1
            sequence = self._told
        told = ToldEvent(self._clock(), self._service, self._instance, sequence, event)
        document = event_document(told)
        level = SHAPES[told.action].level
        getattr(self._logger, level)(told.action, message=document["message"], **asdict(event))
        if self._meters is not None:
            self._meters.add(EVENTS_TOLD, action=told.action)
        self._send(
            Outgoing(
                topic=self._topic,
                key=self._instance.encode(),
                value=encode(document),
                timestamp_ms=told.at_ms,
            )
        )
        return told
