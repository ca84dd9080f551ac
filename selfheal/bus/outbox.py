"""A producer that loses nothing quietly: it waits when full and remembers failed deliveries."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as ClientMessage

from selfheal.bus.clients import new_client
from selfheal.bus.message import Outgoing

_WAIT_FOR_ROOM_S = 0.1
_PURGED = (KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT)
_NOW = 0  # the client's timestamp for "the time of sending"


class Outbox:
    """The sending half of the client. Making one starts the client's threads.

    properties: as `selfheal.bus.settings` makes them
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        self._faults: list[tuple[str, KafkaError]] = []
        # Only errors come back: a Python call for each delivered record costs 15 to 25 %. The
        # callback must not hold this object, or the producer would live until the next collection.
        self.producer = new_client(
            Producer,
            {
                **properties,
                "delivery.report.only.error": True,
                "on_delivery": partial(_remember, self._faults),
            },
        )

    @property
    def fault(self) -> tuple[str, KafkaError] | None:
        """Topic and error of the first record that was not delivered, if any."""
        return self._faults[0] if self._faults else None

    def take_transactional_id(self, timeout_s: float) -> None:
        """Fence whoever has the id of the properties, ending its transaction.

        Raises KafkaException; after a retriable one it may be called again.
        """
        # With a connection the id comes at once. Without one the client looks again only after
        # half a second, which is what a scorer would lose after each failed transaction.
        self.producer.list_topics(timeout=timeout_s)
        self.producer.init_transactions(timeout_s)

    def send(self, record: Outgoing) -> None:
        """Queue one record; waits while the queue is full. Raises KafkaException."""
        timestamp_ms = _NOW if record.timestamp_ms is None else record.timestamp_ms
        headers = list(record.headers) or None
        while True:
            try:
                self.producer.produce(
                    record.topic,
                    record.value,
                    record.key,
                    headers=headers,  # pyright: ignore[reportArgumentType]
                    timestamp=timestamp_ms,
                )
            except BufferError:
                # Never dropped: records leave the queue when delivered, or when they time out.
                self.producer.poll(_WAIT_FOR_ROOM_S)
            else:
                return

    def send_all(
        self,
        topic: str,
        values: Iterable[bytes | None],
        keys: Sequence[bytes | None],
    ) -> None:
        """Queue many records, without headers: the fast way. Raises as `send`.

        Raises ValueError when there are not as many keys as values.
        """
        produce = self.producer.produce
        for value, key in zip(values, keys, strict=True):
            try:
                produce(topic, value, key)
            except BufferError:
                self.send(Outgoing(topic, value, key))

    def serve(self) -> None:
        """Let the client report delivery errors; call it now and then. Does not wait."""
        # A fatal error comes back from every call: leave it to one that writes.
        with contextlib.suppress(KafkaException):
            self.producer.poll(0)

    def drop(self) -> None:
        """Forget what is queued or under way, so that the producer goes at once."""
        self.producer.purge()


def _remember(
    faults: list[tuple[str, KafkaError]], error: KafkaError | None, record: ClientMessage
) -> None:
    # The first says what happened; a thousand more of the same would fill memory. A purge is
    # what the client does to the other records once something else went wrong.
    if error is not None and not faults and error.code() not in _PURGED:
        faults.append((record.topic() or "", error))
