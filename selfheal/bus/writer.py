"""Writing outside a stream: one record after the other, or several as one transaction."""

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaError, KafkaException

from selfheal.bus.errors import BrokerUnreachable, BusError
from selfheal.bus.faults import explained, kafka_error
from selfheal.bus.message import Outgoing
from selfheal.bus.outbox import Outbox
from selfheal.bus.settings import BusSettings, producer_properties, transactional_properties


class Writer:
    """Idempotent: each record is written once and in order, whatever is retried.

    Delivery is in the background; an error of an earlier record raises at the next call.
    Entering makes the client, leaving flushes.

        with Writer(BusSettings("localhost:9092")) as writer:
            writer.send(Outgoing("events", b"{}"))
    """

    def __init__(self, settings: BusSettings) -> None:
        self._settings = settings
        self._outbox: Outbox | None = None

    def open(self) -> None:
        """Start the client; asks no broker yet."""
        if self._outbox is None:
            self._outbox = Outbox(producer_properties(self._settings))

    def send(self, record: Outgoing) -> None:
        """Queue one record; waits while the local queue is full.

        Raises DeliveryFailed, TopicMissing, AccessDenied: for this record or an earlier one.
        """
        outbox = self._opened()
        outbox.serve()
        self._raise_fault(outbox)
        try:
            outbox.send(record)
        except KafkaException as error:
            raise _explained(self._settings, error, "writing", record.topic) from None

    def flush(self) -> None:
        """Wait until all is delivered. Raises as `send`, and BrokerUnreachable."""
        outbox = self._opened()
        timeout_s = self._settings.timeout_s
        # How many are left is not told: the client counts its own reports of errors with them.
        left = outbox.producer.flush(timeout_s)
        self._raise_fault(outbox)
        if left:
            raise BrokerUnreachable(self._settings.bootstrap, timeout_s, "records not delivered")

    def close(self) -> None:
        """Flush, then forget what could not be delivered. Raises as `flush`."""
        if self._outbox is None:
            return
        try:
            self.flush()
        finally:
            self._outbox.drop()
            self._outbox = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _opened(self) -> Outbox:
        if self._outbox is None:
            raise RuntimeError("the writer is not open")
        return self._outbox

    def _raise_fault(self, outbox: Outbox) -> None:
        if outbox.fault is not None:
            topic, fault = outbox.fault
            raise _explained(self._settings, fault, "writing", topic)


class TransactionalWriter:
    """Several records that appear together or not at all, by one process at a time.

    transactional_id: without the prefix; whoever opens last with the same id fences the others,
        which is how a new leader makes sure that the old one writes no more. The prefix of the
        settings is put before it.

        bus = BusSettings("localhost:9092")
        with TransactionalWriter(bus, "healer") as writer:
            with writer.transaction():
                writer.send(Outgoing("adapters", b"...", b"snapshot/v2"))
                writer.send(Outgoing("adapters", b"{}", b"active"))
    """

    def __init__(self, settings: BusSettings, transactional_id: str) -> None:
        self._settings = settings
        self._timeout_s = settings.timeout_s
        self._properties = transactional_properties(
            settings, f"{settings.prefix}{transactional_id}", round(self._timeout_s * 1000)
        )
        self._outbox: Outbox | None = None
        self._is_open = False

    def open(self) -> None:
        """Take the id from whoever holds it, ending a transaction left open under it.

        Raises BrokerUnreachable, AccessDenied.
        """
        if self._outbox is not None:
            return
        outbox = Outbox(self._properties)
        try:
            outbox.take_transactional_id(self._timeout_s)
        except KafkaException as error:
            raise _explained(
                self._settings, error, "taking the transactional id", waited_s=self._timeout_s
            ) from None
        self._outbox = outbox

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is sent inside is committed at its end or, when it raises, never read.

        Raises DeliveryFailed, TopicMissing, AccessDenied: nothing was written. Raises Fenced when
        another process has the id now: nothing was written, and this one must stop. Raises
        BrokerUnreachable: all was written or nothing; read it back to know. After each of these
        the writer is closed; `open` it again.
        """
        producer = self._opened().producer
        producer.begin_transaction()
        self._is_open = True
        try:
            yield
            producer.commit_transaction(self._timeout_s)
        except KafkaException as error:
            raise self._given_up(error, "committing a transaction") from None
        except BaseException:
            if self._outbox is not None:
                producer.abort_transaction(self._timeout_s)
            raise
        finally:
            self._is_open = False

    def send(self, record: Outgoing) -> None:
        """Add one record. Raises Fenced, DeliveryFailed; RuntimeError outside a transaction."""
        if not self._is_open:
            raise RuntimeError("send outside a transaction: use `with writer.transaction():`")
        try:
            self._opened().send(record)
        except KafkaException as error:
            raise self._given_up(error, "writing", record.topic) from None

    def close(self) -> None:
        """Give the client up; an open transaction ends when the id is taken next."""
        if self._outbox is not None:
            self._outbox.drop()
            self._outbox = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _opened(self) -> Outbox:
        if self._outbox is None:
            raise RuntimeError("the writer is not open")
        return self._outbox

    def _given_up(self, error: KafkaException, doing: str, topic: str = "") -> BusError:
        """The reason, after closing: the client cannot say what became of the transaction."""
        outbox = self._opened()
        outbox.serve()
        topic, fault = outbox.fault or (topic, kafka_error(error))
        with contextlib.suppress(KafkaException):
            outbox.producer.abort_transaction(self._timeout_s)
        self.close()
        return _explained(self._settings, fault, doing, topic, self._timeout_s)


def _explained(
    settings: BusSettings,
    error: KafkaException | KafkaError,
    doing: str,
    topic: str = "",
    waited_s: float = 0.0,
) -> BusError:
    if topic:
        doing = f"{doing} to {topic}"
    return explained(error, doing, bootstrap=settings.bootstrap, waited_s=waited_s, topic=topic)
