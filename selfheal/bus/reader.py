"""Reading whole topics, without a group: every reader sees every record."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Literal, Self, TypeAlias

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as ClientMessage

from selfheal.bus.clients import new_client
from selfheal.bus.errors import BrokerUnreachable, BusError, TopicMissing
from selfheal.bus.faults import explained, is_permanent
from selfheal.bus.message import Message, received
from selfheal.bus.settings import BusSettings, consumer_properties
from selfheal.bus.topic_admin import require_topics

Start: TypeAlias = Literal["earliest", "latest"] | int
"""Where to begin: the oldest record, after the newest, or at a time in Unix milliseconds."""

LOOK_AT_PARTITIONS_EVERY_S = 10.0

_Place: TypeAlias = tuple[str, int]


class LogReader:
    """Reads all partitions of some topics, committed records only; commits nothing.

    topics: full names
    start:  "latest" means after what is there when `open` returns. New partitions, noticed within
            ten seconds, are read from their beginning.

    Entering opens it: raises BrokerUnreachable, TopicMissing, AccessDenied.

        with LogReader(BusSettings("localhost:9092"), ["adapters"]) as reader:
            known = reader.read_to_end()
            news = reader.poll(timeout_s=1.0)
    """

    def __init__(
        self, settings: BusSettings, topics: Sequence[str], start: Start = "earliest"
    ) -> None:
        self._settings = settings
        self._topics = list(topics)
        self._start: Start = start
        self._client: Consumer | None = None
        self._reached: dict[_Place, int] = {}  # read up to here, as far as records and ends tell
        self._at_end: set[_Place] = set()
        self._put_back: list[Message] = []
        self._partitions_known_at_s = 0.0

    def open(self) -> None:
        """Find the partitions and begin. Raises BrokerUnreachable, TopicMissing, AccessDenied."""
        counts = require_topics(self._settings, self._topics)
        # The client wants a group's name; no group is joined and nothing stored under it.
        group = f"{self._settings.prefix}reader"
        properties = consumer_properties(self._settings, group, "earliest", with_end=True)
        self._client = new_client(Consumer, properties)
        self._partitions_known_at_s = time.monotonic()
        deadline = self._partitions_known_at_s + self._settings.timeout_s
        for topic, count in counts.items():
            for partition in range(count):
                place = (topic, partition)
                self._reached[place] = self._first_offset(place, deadline)
        self._client.assign([TopicPartition(*place, at) for place, at in self._reached.items()])

    @property
    def at_end(self) -> bool:
        """Whether all that was written is read, as far as the client knows."""
        return len(self._at_end) == len(self._reached) and not self._put_back

    def poll(self, max_records: int = 1000, timeout_s: float = 0.1) -> list[Message]:
        """The records that are there, at most `max_records`; waits up to `timeout_s` for one.

        In order within each partition. Raises TopicMissing, AccessDenied.
        """
        if self._put_back:
            messages, self._put_back = self._put_back[:max_records], self._put_back[max_records:]
            return messages
        self._look_at_partitions()
        records = self._consumer.consume(max_records, 0)
        if not records and (records := self._consumer.consume(1, timeout_s)):
            records += self._consumer.consume(max_records - 1, 0)
        return [message for record in records if (message := self._taken(record)) is not None]

    def read_to_end(self, timeout_s: float = 10.0) -> list[Message]:
        """All that was committed before the call and is not read yet.

        The end is a position, not the last record: a commit marker may be all that follows it.
        A transaction that is still open ends what is readable. Raises BrokerUnreachable when
        that takes longer than `timeout_s`; what was read until then comes with the next call.
        """
        deadline = time.monotonic() + timeout_s
        messages, self._put_back = self._put_back, []
        try:
            wanted = {place: self._watermarks(place, deadline)[1] for place in self._reached}
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

    def _first_offset(self, place: _Place, deadline: float) -> int:
        """Where to begin, as a number: the client would look up "the end" some time later."""
        oldest, newest = self._watermarks(place, deadline)
        if self._start == "earliest":
            return oldest
        if self._start == "latest":
            return newest
        at = TopicPartition(*place, self._start)
        try:
            found = self._consumer.offsets_for_times([at], max(0.1, deadline - time.monotonic()))
        except KafkaException as error:
            raise self._explained(error, f"looking for a time in {place[0]}") from None
        return found[0].offset if found[0].offset >= 0 else newest

    def _taken(self, record: ClientMessage) -> Message | None:
        """The record as a message; None for a notice. Raises where reading cannot go on."""
        error = record.error()
        place = (record.topic() or "", record.partition() or 0)
        if error is None:
            self._at_end.discard(place)
            return received(record)
        if error.code() == KafkaError._PARTITION_EOF:
            self._at_end.add(place)
            self._reached[place] = max(self._reached[place], record.offset() or 0)
        elif place[0] and is_permanent(error):  # without a topic it is about the unused group
            raise self._explained(error, f"reading {place[0]}", place[0])
        return None

    def _watermarks(self, place: _Place, deadline: float) -> tuple[int, int]:
        """The oldest offset, and the one after the last committed record, from the broker."""
        while True:
            left_s = max(0.1, deadline - time.monotonic())
            try:
                return self._consumer.get_watermark_offsets(TopicPartition(*place), left_s)
            except KafkaException as error:
                # A partition that is new or moves has no leader for a moment.
                if is_permanent(error) or time.monotonic() > deadline:
                    raise self._explained(error, f"looking for the end of {place[0]}") from None
            time.sleep(0.02)

    def _is_short_of(self, wanted: dict[_Place, int]) -> bool:
        # The position moves over commit markers too; it is unknown until the first record.
        for place in self._positions():
            known = self._reached[place.topic, place.partition]
            self._reached[place.topic, place.partition] = max(known, place.offset)
        return any(self._reached[place] < end for place, end in wanted.items())

    def _positions(self) -> list[TopicPartition]:
        return self._consumer.position([TopicPartition(*place) for place in self._reached])

    def _look_at_partitions(self) -> None:
        """Take up new partitions. Raises TopicMissing when a topic is gone: no error would come."""
        now_s = time.monotonic()
        if now_s - self._partitions_known_at_s < LOOK_AT_PARTITIONS_EVERY_S:
            return
        self._partitions_known_at_s = now_s
        try:
            topics = self._consumer.list_topics(timeout=1.0).topics
        except KafkaException:
            return  # the broker is away: the next look finds them
        if gone := [topic for topic in self._topics if topic not in topics]:
            raise TopicMissing(*gone)
        found = [(topic, p) for topic in self._topics for p in topics[topic].partitions]
        if new := [place for place in found if place not in self._reached]:
            self._reached.update(dict.fromkeys(new, 0))
            self._consumer.incremental_assign(
                [TopicPartition(*place, OFFSET_BEGINNING) for place in new]
            )

    def _explained(
        self, error: KafkaException | KafkaError, doing: str, topic: str = ""
    ) -> BusError:
        return explained(
            error,
            doing,
            bootstrap=self._settings.bootstrap,
            waited_s=self._settings.timeout_s,
            topic=topic,
        )
