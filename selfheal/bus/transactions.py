"""Exactly once: outputs and the offsets of their inputs in one Kafka transaction."""

import contextlib
from collections.abc import Iterable, Sequence

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from selfheal.bus.message import Outgoing
from selfheal.bus.outbox import Outbox
from selfheal.bus.settings import BusSettings, transactional_properties


class ExactlyOnce:
    """Everything sent since the last commit becomes readable with the offsets, or not at all.

    transactional_id: of this process alone. A shared or fixed id would let a newcomer fence a
        living instance. A killed instance needs no fencing by id: the broker aborts its
        transaction after `timeout_s`, and refuses offsets from a member of a past generation of
        the group, so what it had under way can never be committed beside its successor's work.
    timeout_s: after which the broker aborts an open transaction on its own. Until then the
        successor of a killed instance waits: it may not read offsets that may yet change.

    Sources: Kafka KIP-98 (transactions), KIP-447 (fencing by group metadata).
    """

    def __init__(self, settings: BusSettings, transactional_id: str, timeout_s: float) -> None:
        self._properties = transactional_properties(
            settings, transactional_id, round(timeout_s * 1000)
        )
        self._timeout_s = timeout_s
        self._outbox: Outbox | None = None
        self._is_initialised = False
        self._is_open = False

    @property
    def is_ready(self) -> bool:
        """Whether records can be sent."""
        return self._is_initialised

    @property
    def has_open_work(self) -> bool:
        """Whether something was sent since the last commit."""
        return self._is_open

    @property
    def fault(self) -> tuple[str, KafkaError] | None:
        """Topic and error of the first record that was not delivered, if any."""
        return self._outbox.fault if self._outbox else None

    def open(self, timeout_s: float) -> None:
        """Take the transactional id: ends whatever transaction was left open under it.

        Raises KafkaException; a retriable one means not yet: call again.
        """
        if self._is_initialised:
            return
        if self._outbox is None:
            self._outbox = Outbox(self._properties)
        self._outbox.take_transactional_id(timeout_s)
        self._is_initialised = True

    def send(self, record: Outgoing) -> None:
        """Add one record; waits while the queue is full. Raises KafkaException."""
        self._begun().send(record)

    def send_all(
        self, topic: str, values: Iterable[bytes | None], keys: Sequence[bytes | None]
    ) -> None:
        """Add many records without headers. Raises KafkaException, ValueError."""
        self._begun().send_all(topic, values, keys)

    def serve(self) -> None:
        """Let the client work; call it often. Does not wait."""
        if self._outbox is not None:
            self._outbox.serve()

    def commit(
        self, consumer: Consumer, positions: Sequence[TopicPartition], *, is_last: bool
    ) -> None:
        """Commit what was sent, with `positions`; returns when the broker has it.

        is_last: makes no difference here. Raises KafkaException: then `discard`.
        """
        producer = self._begun().producer
        if positions:
            producer.send_offsets_to_transaction(
                list(positions), consumer.consumer_group_metadata(), self._timeout_s
            )
        producer.commit_transaction(self._timeout_s)
        self._is_open = False

    def discard(self) -> None:
        """Leave the transaction as it is and forget the producer; `open` ends it on the broker.

        The one way out of every failure: after a time-out or an unknown outcome the old producer
        cannot say what became of the transaction, a new one with the same id settles it.
        """
        if self._outbox is not None:
            self._outbox.drop()
        self._outbox = None
        self._is_initialised = False
        self._is_open = False

    def abort(self, timeout_s: float) -> None:
        """End the transaction without its outputs, as far as the broker can be reached."""
        if self._outbox is not None and self._is_open:
            # Out of reach, the broker aborts it after its time-out.
            with contextlib.suppress(KafkaException):
                self._outbox.producer.abort_transaction(timeout_s)
        self.discard()

    def _begun(self) -> Outbox:
        """The outbox, a transaction open. Raises RuntimeError before `open`."""
        if self._outbox is None or not self._is_initialised:
            raise RuntimeError("send before open: no transactional id is held")
        if not self._is_open:
            self._outbox.producer.begin_transaction()
            self._is_open = True
        return self._outbox
