"""One acts, the others stand by: leadership is owning a one-partition topic in a group."""

from types import TracebackType
from typing import Any, Self

from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from selfheal.bus.clients import new_client
from selfheal.bus.faults import explained, is_permanent
from selfheal.bus.settings import BusSettings, consumer_properties
from selfheal.bus.topic_admin import require_topics


class Leadership:
    """Whether this process leads, among those that stand for the same group and topic.

    group: without the prefix of the settings; topic: full name, one partition

    At most one member owns the partition by the group's account, but a leader that hung may
    believe in its office for a while: what leaders write must therefore be fenced as well, by a
    TransactionalWriter that each of them opens anew. Reads no record: it is paused for good.

    A newcomer does not depose a living leader (assignment is cooperative and sticky). A dead
    leader's place goes to another after the session time-out, 10 s; after `close` at once.
    """

    def __init__(self, settings: BusSettings, group: str, topic: str) -> None:
        self._settings = settings
        self._group = f"{settings.prefix}{group}"
        self._topic = topic
        self._consumer: Consumer | None = None
        self.is_leader = False
        self._was_deposed = False

    def open(self) -> None:
        """Stand for it. Raises BrokerUnreachable, TopicMissing, AccessDenied."""
        require_topics(self._settings, [self._topic])
        properties: dict[str, Any] = consumer_properties(self._settings, self._group, "latest")
        if properties.get("group.protocol") != "consumer":  # which is always cooperative
            properties["partition.assignment.strategy"] = "cooperative-sticky"
        self._consumer = new_client(Consumer, properties)
        self._consumer.subscribe(
            [self._topic], on_assign=self._won, on_revoke=self._gone, on_lost=self._gone
        )

    def poll(self, timeout_s: float = 0.0) -> bool:
        """Whether this process leads now; waits up to `timeout_s` for news.

        False once where it has lost the office and got it back within the call: another may have
        led in between, so that this is a new term.

        Call it at least every 60 s, or the group takes it for dead. Raises TopicMissing,
        AccessDenied.
        """
        if self._consumer is None:
            raise RuntimeError("the candidate does not stand: call open first")
        self._was_deposed = False
        record = self._consumer.poll(timeout_s)
        error = record.error() if record is not None else None
        if error is not None and is_permanent(error):
            raise explained(
                error,
                f"standing for {self._topic}",
                bootstrap=self._settings.bootstrap,
                topic=self._topic,
            )
        return self.is_leader and not self._was_deposed

    def close(self) -> None:
        """Step down; another member leads at once."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()
        self.is_leader = False

    def __enter__(self) -> Self:
        try:
            self.open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _won(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        if not places:
            return
        here = [TopicPartition(place.topic, place.partition, OFFSET_END) for place in places]
        consumer.incremental_assign(here)
        consumer.pause(here)
        self.is_leader = True

    def _gone(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        if places:
            self.is_leader, self._was_deposed = False, True
