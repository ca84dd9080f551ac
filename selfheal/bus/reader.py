"""Reading whole topics, without a group: every reader sees every record."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Self, TypeAlias

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as ClientMessage

from selfheal.bus.errors import BrokerUnreachable, BusError
from selfheal.bus.faults import explained, is_permanent
from selfheal.bus.message import Message, received
from selfheal.bus.settings import CLIENT_LOG, BusSettings, consumer_properties
from selfheal.bus.topic_admin import TIMEOUT_S, require_topics

Start: TypeAlias = Literal["earliest", "latest"] | int
"""Where to begin: the oldest record, after the newest, or at a time in Unix milliseconds."""

NEW_PARTITIONS_EVERY_S = 10.0

_Place: TypeAlias = tuple[str, int]


class LogReader:
    """Reads all partitions of some topics, committed records only; commits nothing.

    topics: full names
    start:  "latest" means after what is there when `open` returns. New partitions, noticed within
            ten seconds, are read from their beginning.

    Entering opens it: raises BrokerUnreachable after 10 s, TopicMissing, AccessDenied.

    >>> with LogReader(BusSettings("localhost:9092"), ["adapters"]) as reader:  # doctest: +SKIP
    ...     known = reader.read_to_end()
    ...     news = reader.poll(timeout_s=1.0)
    """

    def __init__(
        self, settings: BusSettings, topics: Sequence[str], start: Start = "earliest"
    ) -> None:
        self._settings = settings
        self._topics = list(topics)
        self._start = start
        self._client: Consumer | None = None
        self._ends: dict[_Place, int | None] = {}  # offset of the end reached last, by partition
        self._put_back: list[Message] = []
        self._partitions_known_at_s = 0.0

    def open(self) -> None:
        """Find the partitions and begin. Raises BrokerUnreachable, TopicMissing, AccessDenied."""
        counts = require_topics(self._settings, self._topics)
        # The client wants a group's name; no group is joined and nothing stored under it.
        group = f"{self._settings.prefix}reader"
        properties = consumer_properties(self._settings, group, "earliest", with_end=True)
        self._client = Consumer(properties, logger=CLIENT_LOG)
        self._partitions_known_at_s = time.monotonic()
        places = [TopicPartition(t, p) for t, count in counts.items() for p in range(count)]
        self._ends = dict.fromkeys((place.topic, place.partition) for place in places)
        try:
            self._client.assign([self._first(place) for place in places])
        except KafkaException as error:
            raise self._explained(error, "looking for where to begin") from None

    @property
    def at_end(self) -> bool:
        """Whether all that was written is read, as far as the client knows."""
        return None not in self._ends.values() and not self._put_back

    def poll(self, max_records: int = 1000, timeout_s: float = 0.1) -> list[Message]:
        """The records that are there, at most `max_records`; waits up to `timeout_s` for one.

        In order within each partition. Raises TopicMissing, AccessDenied.
        """
        if self._put_back:
            messages, self._put_back = self._put_back[:max_records], self._put_back[max_records:]
            return messages
        self._notice_new_partitions()
        records = self._consumer.consume(max_records, 0)
        if not records and (records := self._consumer.consume(1, timeout_s)):
            records += self._consumer.consume(max_records - 1, 0)
        return [message for record in records if (message := self._taken(record)) is not None]

    def read_to_end(self, timeout_s: float = TIMEOUT_S) -> list[Message]:
        """All that was committed before the call and is not read yet.

        The end is a position, not the last record: a commit marker may be all that follows it.
        A transaction that is still open ends what is readable. Raises BrokerUnreachable when
        that takes longer than `timeout_s`; what was read until then comes with the next call.
        """
        deadline = time.monotonic() + timeout_s
        messages, self._put_back = self._put_back, []
        try:
            wanted = {place: self._committed_end(place, deadline) for place in self._ends}
            while self._is_short_of(wanted):
                if time.monotonic() > deadline:
                    raise BrokerUnreachable(
                        self._settings.bootstrap,
                        timeout_s,
                        f"reading {', '.join(self._topics)} to the end",
                    )
                messages += self.poll()
        except BusError:
            self._put_back = messages
            raise
        return messages

    def lag(self) -> int:
        """Records between what is read and what is there, as far as the client knows."""
        lag = 0
        for place in self._positions():
            watermarks = self._consumer.get_watermark_offsets(place, cached=True)
            if watermarks and place.offset >= 0:
                lag += max(0, watermarks[1] - place.offset)
        return lag

    def close(self) -> None:
        """Stop reading."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

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

    @property
    def _consumer(self) -> Consumer:
        if self._client is None:
            raise RuntimeError("the reader is not open")
        return self._client

    def _first(self, place: TopicPartition) -> TopicPartition:
        """`place` with the offset to begin at. Raises KafkaException."""
        if self._start == "earliest":
            place.offset = OFFSET_BEGINNING
            return place
        if isinstance(self._start, int):
            place.offset = self._start
            place = self._consumer.offsets_for_times([place], TIMEOUT_S)[0]
        if place.offset < 0:
            # As a number: the client would look for the end some time later, and skip till then.
            place.offset = self._consumer.get_watermark_offsets(place, TIMEOUT_S)[1]
        return place

    def _taken(self, record: ClientMessage) -> Message | None:
        """The record as a message; None for a notice. Raises where reading cannot go on."""
        error = record.error()
        place = (record.topic() or "", record.partition() or 0)
        if error is None:
            self._ends[place] = None
            return received(record)
        if error.code() == KafkaError._PARTITION_EOF:
            self._ends[place] = record.offset()
        elif place[0] and is_permanent(error):  # without a topic it is about the unused group
            raise self._explained(error, f"reading {place[0]}", place[0])
        return None

    def _committed_end(self, place: _Place, deadline: float) -> int:
        """Offset after the last committed record of a partition, from the broker."""
        left_s = max(0.1, deadline - time.monotonic())
        try:
            return self._consumer.get_watermark_offsets(TopicPartition(*place), left_s)[1]
        except KafkaException as error:
            raise self._explained(error, f"looking for the end of {place[0]}") from None

    def _is_short_of(self, wanted: dict[_Place, int]) -> bool:
        positions = {(place.topic, place.partition): place.offset for place in self._positions()}
        return any(
            end > 0 and max(positions[place], self._ends[place] or -1) < end
            for place, end in wanted.items()
        )

    def _positions(self) -> list[TopicPartition]:
        return self._consumer.position([TopicPartition(*place) for place in self._ends])

    def _notice_new_partitions(self) -> None:
        now_s = time.monotonic()
        if now_s - self._partitions_known_at_s < NEW_PARTITIONS_EVERY_S:
            return
        self._partitions_known_at_s = now_s
        try:
            topics = self._consumer.list_topics(timeout=1.0).topics
        except KafkaException:
            return  # the broker is away: the next look finds them
        found = [(t, p) for t in self._topics if t in topics for p in topics[t].partitions]
        if new := [place for place in found if place not in self._ends]:
            self._ends.update(dict.fromkeys(new))
            self._consumer.incremental_assign(
                [TopicPartition(*place, OFFSET_BEGINNING) for place in new]
            )

    def _explained(
        self, error: KafkaException | KafkaError, doing: str, topic: str = ""
    ) -> BusError:
        return explained(
            error, doing, bootstrap=self._settings.bootstrap, waited_s=TIMEOUT_S, topic=topic
        )
