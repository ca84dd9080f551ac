"""The reading half of a stream: membership of a group, positions, going back."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as ClientMessage

from selfheal.bus.clients import new_client
from selfheal.bus.faults import explained, is_permanent, kafka_error
from selfheal.bus.stream_settings import PartitionProgress

Places: TypeAlias = list[TopicPartition]


class Inbox:
    """Takes records of the partitions that this member owns; commits nothing itself.

    properties: of a consumer, as `selfheal.bus.settings` makes them
    on_revoked: called while the partitions are still owned, with their numbers
    on_lost:    called when others may own them already

    positions: after the last records taken, by partition; an offset below 0 means none yet
    is_behind: set when records that were taken must come again: `rewind` before the next `take`
    """

    def __init__(
        self,
        properties: Mapping[str, Any],
        topic: str,
        on_revoked: Callable[[Sequence[int]], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._properties = properties
        self._topic = topic
        self._on_revoked = on_revoked
        self._on_lost = on_lost
        self._consumer: Consumer | None = None
        self._owned: Places = []
        self._arrived: list[int] = []
        self._left: set[int] = set()
        self._failure: Exception | None = None
        self.positions: Places = []
        self.is_behind = False

    @property
    def consumer(self) -> Consumer:
        """The client. Raises RuntimeError when not open."""
        if self._consumer is None:
            raise RuntimeError("the stream is not open")
        return self._consumer

    @property
    def owned(self) -> list[int]:
        """The partitions of this member, in order."""
        return sorted(place.partition for place in self._owned)

    def open(self) -> None:
        """Join the group; partitions arrive during `take`."""
        self._consumer = new_client(Consumer, self._properties)
        self._consumer.subscribe(
            [self._topic], on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._lost
        )

    def take(self, max_records: int, timeout_s: float) -> list[ClientMessage]:
        """The records that are there; waits for the first where there is none.

        Raises TopicMissing, AccessDenied, and whatever `on_revoked` raised.
        """
        consumer = self.consumer
        # consume(n, t) would wait for all n: that is the latency of a batch for one record.
        records = consumer.consume(max_records, 0)
        if not records and (records := consumer.consume(1, timeout_s)):
            records += consumer.consume(max_records - 1, 0)
        if self._failure is not None:
            raise self._failure
        if any(map(ClientMessage.error, records)):
            records = self._without_errors(records)
        if self._left:
            records = self._without_left(records)
        # 0.5 µs for all partitions; looking at each record would cost 3 % of a scorer's time.
        self.positions = consumer.position(self._owned)
        return records

    def arrived(self) -> list[int]:
        """Partitions that were assigned since the last call, in order."""
        arrived, self._arrived = sorted(self._arrived), []
        return arrived

    def rewind(self, timeout_s: float) -> None:
        """Read on from the committed offsets. Raises KafkaException; then `is_behind` stays.

        Waits for offsets that an open transaction may yet change.
        """
        for place in self.consumer.committed(self._owned, timeout_s):
            if place.error is not None:
                raise KafkaException(place.error)
            offset = place.offset if place.offset >= 0 else OFFSET_BEGINNING
            self._seek(TopicPartition(self._topic, place.partition, offset))
        self.positions = []
        self.is_behind = False

    def progress(self) -> list[PartitionProgress]:
        """How far each owned partition is read, from what the client knows: asks no broker."""
        progress: list[PartitionProgress] = []
        for place in self.consumer.position(self._owned):
            watermarks = self.consumer.get_watermark_offsets(place, cached=True)
            end = watermarks[1] if watermarks else -1
            progress.append(PartitionProgress(place.partition, max(-1, place.offset), max(-1, end)))
        return progress

    def close(self) -> None:
        """Leave the group; its other members get the partitions at once."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            consumer.close()

    def _seek(self, place: TopicPartition) -> None:
        try:
            self.consumer.seek(place)
        except KafkaException as error:
            # Nothing was fetched yet: that will begin at the committed offset by itself.
            if kafka_error(error).code() != KafkaError._STATE:
                raise

    def _assigned(self, _: Consumer, places: Places) -> None:
        self._owned = [*self._owned, *(TopicPartition(p.topic, p.partition) for p in places)]
        self._arrived += [place.partition for place in places]

    def _revoked(self, _: Consumer, places: Places) -> None:
        if self._consumer is None:
            return  # closing: what was open is committed already
        try:
            self._on_revoked([place.partition for place in places])
        except Exception as error:  # must not cross the C library's frames
            self._failure = error
        self._forget(places)

    def _lost(self, _: Consumer, places: Places) -> None:
        self._on_lost()
        self._forget(places)

    def _forget(self, places: Places) -> None:
        gone = {place.partition for place in places}
        self._owned = [place for place in self._owned if place.partition not in gone]
        self._arrived = [partition for partition in self._arrived if partition not in gone]
        self._left |= gone
        self.positions = []

    def _without_left(self, records: list[ClientMessage]) -> list[ClientMessage]:
        """Without records that were taken before their partition left, in this same call."""
        left, self._left = self._left, set()
        if left & set(self.owned):
            # Left and came back: older and newer records cannot be told apart, so read anew.
            self.is_behind = True
        return [record for record in records if record.partition() not in left]

    def _without_errors(self, records: list[ClientMessage]) -> list[ClientMessage]:
        """Without the client's notices among the records; those that time cannot heal raise."""
        for record in records:
            error = record.error()
            if error is not None and is_permanent(error):
                raise explained(
                    error,
                    f"reading {self._topic}",
                    bootstrap=self._properties["bootstrap.servers"],
                    topic=self._topic,
                )
        return [record for record in records if record.error() is None]
