"""At least once: outputs first, acknowledged by the broker, then the offsets of their inputs."""

from collections.abc import Iterable, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from selfheal.bus.message import Outgoing
from selfheal.bus.outbox import Outbox
from selfheal.bus.settings import BusSettings, producer_properties


class AtLeastOnce:
    """What was sent is delivered before the offsets are stored; a failure in between repeats it.

    timeout_s: for which an undelivered record is waited for; then its batch is taken back
    """

    def __init__(self, settings: BusSettings, timeout_s: float) -> None:
        self._properties = {
            **producer_properties(settings),
            "delivery.timeout.ms": round(timeout_s * 1000),
        }
        self._timeout_s = timeout_s
        self._outbox: Outbox | None = None
        self._has_sent = False

    @property
    def is_ready(self) -> bool:
        """Whether records can be sent."""
        return self._outbox is not None

    @property
    def has_open_work(self) -> bool:
        """Whether something was sent since the last commit."""
        return self._has_sent

    @property
    def fault(self) -> tuple[str, KafkaError] | None:
        """Topic and error of the first record that was not delivered, if any."""
        return self._outbox.fault if self._outbox else None

    def open(self, timeout_s: float) -> None:
        """Make the producer; `timeout_s` makes no difference here: no broker is asked."""
        if self._outbox is None:
            self._outbox = Outbox(self._properties)

    def send(self, record: Outgoing) -> None:
        """Queue one record; waits while the queue is full. Raises KafkaException."""
        self._opened().send(record)

    def send_all(
        self, topic: str, values: Iterable[bytes | None], keys: Sequence[bytes | None]
    ) -> None:
        """Queue many records without headers. Raises KafkaException, ValueError."""
        self._opened().send_all(topic, values, keys)

    def serve(self) -> None:
        """Let the client work; call it often. Does not wait."""
        if self._outbox is not None:
            self._outbox.serve()

    def commit(
        self, consumer: Consumer, positions: Sequence[TopicPartition], *, is_last: bool
    ) -> None:
        """Wait until all is delivered, then store `positions`.

        is_last: wait for the broker to confirm them too, since this member is about to give its
            partitions away. Otherwise it need not: the next commit comes in a moment, and stores
            later positions. Raises KafkaException: then `discard`.
        """
        outbox = self._opened()
        left = outbox.producer.flush(self._timeout_s)
        if outbox.fault is not None:
            raise KafkaException(outbox.fault[1])
        if left:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT, f"{left} records undelivered"))
        if positions:
            consumer.commit(offsets=list(positions), asynchronous=not is_last)
        self._has_sent = False

    def discard(self) -> None:
        """Forget what is not delivered, with the producer."""
        if self._outbox is not None:
            self._outbox.drop()
        self._outbox = None
        self._has_sent = False

    def abort(self, timeout_s: float) -> None:
        """As `discard`; what the broker has already taken stays."""
        self.discard()

    def _opened(self) -> Outbox:
        if self._outbox is None:
            raise RuntimeError("send before open")
        self._has_sent = True
        return self._outbox
