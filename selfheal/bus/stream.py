"""The loop of a scorer: read a topic as a member of a group, write, commit both together."""

import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self, TypeAlias
from uuid import uuid4

from confluent_kafka import KafkaError, KafkaException

from selfheal.bus.acknowledgements import AtLeastOnce
from selfheal.bus.batch import Batch
from selfheal.bus.errors import BusError
from selfheal.bus.faults import explained, is_permanent, kafka_error
from selfheal.bus.inbox import Inbox
from selfheal.bus.message import Outgoing
from selfheal.bus.settings import BusSettings, consumer_properties
from selfheal.bus.stream_settings import (
    Committed,
    Hooks,
    NotDue,
    PartitionProgress,
    StreamSettings,
    Undone,
)
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.transactions import ExactlyOnce

RECOVERY_WAIT_S = 1.0
"""How long one poll may wait for a broker that is needed to go on after a failure."""

_RETRY_PAUSE_S = 0.05

Outcome: TypeAlias = Committed | Undone | NotDue

_NOT_DUE = NotDue()


class Stream:
    """Records of one topic in batches; what is sent is committed with their offsets.

        with Stream(bus, StreamSettings(topics.transactions, "scorers"), Hooks(...)) as stream:
            while not stopping:
                batch = stream.poll()
                stream.send_all(topics.predictions, scored(batch.values), batch.keys)
                stream.commit_if_due(time.monotonic())

    Entering it joins the group: raises BrokerUnreachable, TopicMissing, AccessDenied.
    Leaving it commits and leaves the group; leaving it by an exception commits nothing, because
    the last batch may be half sent.

    A failure that time can heal (a broker that restarts, a transaction that timed out, a
    rebalance in between) undoes the work since the last commit: its records come again, and
    `Hooks.on_undone` says so first. Until the broker serves again `poll` gives empty batches and
    what is sent goes nowhere. Any other failure (a topic missing or denied, a record too large)
    raises.

    Rebalances are eager: each member gives all its partitions back and gets its share anew.
    Cooperative ones would spare the partitions that stay. But one transaction covers all
    partitions of a process, so any revocation must commit it anyhow; and a commit between the two
    steps of a cooperative rebalance carries a generation that the group has left behind, so it
    fails. Eager rebalances have no such moment.

    One thread: the hooks run inside `poll` and `close`.
    """

    def __init__(
        self, bus: BusSettings, settings: StreamSettings, hooks: Hooks | None = None
    ) -> None:
        group = f"{bus.prefix}{settings.group}"
        self._bus = bus
        self._settings = settings
        self._hooks = hooks or Hooks()
        self._inbox = Inbox(
            consumer_properties(bus, group, "earliest"),
            settings.topic,
            on_revoked=self._hand_over,
            on_lost=self._partitions_lost,
        )
        self._outbox = (
            ExactlyOnce(bus, f"{group}-{uuid4().hex}", settings.transaction_timeout_s)
            if settings.is_exactly_once
            else AtLeastOnce(bus, settings.transaction_timeout_s)
        )
        self._committed: dict[int, int] = {}
        self._committed_at_s = 0.0
        self._undone: Undone | None = None
        self.undone_count = 0

    @property
    def partitions(self) -> list[int]:
        """Those that this member owns, in order."""
        return self._inbox.owned

    def open(self) -> None:
        """Join the group. Raises BrokerUnreachable, TopicMissing, AccessDenied."""
        require_topics(self._bus, [self._settings.topic])
        try:
            self._outbox.open(self._bus.timeout_s)
        except KafkaException as error:
            raise self._explained(error, "starting transactions", self._bus.timeout_s) from None
        self._inbox.open()

    def poll(self, max_records: int = 1000, timeout_s: float = 0.05) -> Batch:
        """The records that are there, at most `max_records`; waits up to `timeout_s` for one.

        Call it in a loop, at least every 60 s: rebalances happen inside. An empty batch means
        nothing in particular. Raises TopicMissing, AccessDenied, what a hook raised.
        """
        self._outbox.serve()
        if not self._is_ready and not self._recover():
            return Batch()
        records = self._inbox.take(max_records, self._patience_s(timeout_s))
        if not self._is_ready:
            return Batch()  # undone meanwhile: these records come again
        if arrived := self._inbox.arrived():
            self._hooks.on_assigned(arrived)
        return Batch(records, self._inbox.positions)

    def send(self, record: Outgoing) -> None:
        """Write with the next commit; waits while the local queue is full.

        Raises DeliveryFailed (too large), TopicMissing, AccessDenied.
        """
        if not self._is_ready:
            return
        try:
            self._outbox.send(record)
        except KafkaException as error:
            self._undo(error)

    def send_all(
        self, topic: str, values: Iterable[bytes | None], keys: Sequence[bytes | None]
    ) -> None:
        """Write many records, without headers, with the next commit: the fast way.

        Raises as `send`, and ValueError when there are not as many keys as values.
        """
        if not self._is_ready or not keys:
            return
        try:
            self._outbox.send_all(topic, values, keys)
        except KafkaException as error:
            self._undo(error)

    def commit_if_due(self, now_s: float) -> Outcome:
        """Commit when `interval_s` has gone by. now_s: of `time.monotonic()`.

        To be called between batches: all that was polled counts as dealt with. Raises
        TopicMissing, AccessDenied, DeliveryFailed where a record can never be written.
        """
        if now_s - self._committed_at_s < self._settings.interval_s:
            return _NOT_DUE
        return self._commit(now_s, is_last=False)

    def progress(self) -> list[PartitionProgress]:
        """Position and lag of each owned partition; asks no broker."""
        return self._inbox.progress()

    def close(self) -> None:
        """Commit what was sent and leave the group: the end after SIGTERM.

        Takes as long as a commit does, `transaction_timeout_s` at most; a commit that fails here
        leaves its records to the next member.
        """
        try:
            self._hand_over(self._inbox.owned)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Leave the group without a commit: the end after an error."""
        self._outbox.abort(self._settings.transaction_timeout_s)
        self._inbox.close()

    def __enter__(self) -> Self:
        try:
            self.open()
        except BaseException:
            self.abandon()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()

    @property
    def _is_ready(self) -> bool:
        return self._outbox.is_ready and not self._inbox.is_behind

    def _patience_s(self, timeout_s: float) -> float:
        """Not past the next commit while there is something to commit."""
        if not self._outbox.has_open_work:
            return timeout_s
        due_s = self._committed_at_s + self._settings.interval_s - time.monotonic()
        return min(timeout_s, max(0.0, due_s))

    def _commit(self, now_s: float, *, is_last: bool) -> Outcome:
        moved = [
            place
            for place in self._inbox.positions
            if place.offset >= 0 and place.offset != self._committed.get(place.partition)
        ]
        if not self._is_ready or not (moved or self._outbox.has_open_work):
            return _NOT_DUE
        began_s = time.monotonic()
        try:
            self._outbox.commit(self._inbox.consumer, moved, is_last=is_last)
        except KafkaException as error:
            return self._undo(error)
        self._committed.update((place.partition, place.offset) for place in moved)
        self._committed_at_s = now_s
        return Committed(time.monotonic() - began_s)

    def _hand_over(self, partitions: Sequence[int]) -> None:
        """Finish what is open before others continue from the committed offsets."""
        if self._is_ready and partitions:
            self._hooks.on_revoked(partitions)
            self._commit(time.monotonic(), is_last=True)
        self._committed.clear()

    def _partitions_lost(self) -> None:
        """Others may have them already: what is open must never be committed."""
        self._take_back("the group gave this member's partitions to others")

    def _undo(self, error: KafkaException) -> Undone:
        """Take the work since the last commit back. Raises where trying again cannot help."""
        self._outbox.serve()  # brings the reason: a failed commit only says that there is one
        topic, fault = self._outbox.fault or ("", kafka_error(error))
        undone = self._take_back(fault.str())
        if is_permanent(fault):
            doing = f"writing to {topic}" if topic else "writing"
            raise self._explained(fault, doing, topic=topic)
        return undone

    def _take_back(self, reason: str) -> Undone:
        self._outbox.discard()
        self._inbox.is_behind = True
        self._committed.clear()
        self._undone = Undone(reason)
        self.undone_count += 1
        return self._undone

    def _recover(self) -> bool:
        """Go on from the committed offsets; False while the broker does not let us yet."""
        undone, self._undone = self._undone, None
        if undone is not None:
            self._hooks.on_undone(undone.reason)
        try:
            self._outbox.open(RECOVERY_WAIT_S)
            self._inbox.rewind(RECOVERY_WAIT_S)
        except KafkaException as error:
            fault = kafka_error(error)
            if is_permanent(fault):
                raise self._explained(fault, "going on after a failure") from None
            if not fault.retriable():
                self._outbox.discard()
            time.sleep(_RETRY_PAUSE_S)  # a refusal that comes at once must not become a busy loop
            return False
        return True

    def _explained(
        self, error: KafkaException | KafkaError, doing: str, waited_s: float = 0.0, topic: str = ""
    ) -> BusError:
        return explained(
            error, doing, bootstrap=self._bus.bootstrap, waited_s=waited_s, topic=topic
        )
