"""What is read from a topic and what is written to one: plain bytes, no meaning."""

from dataclasses import dataclass
from typing import TypeAlias

from confluent_kafka import Message as ClientMessage

Headers: TypeAlias = tuple[tuple[str, bytes | None], ...]
"""In the order of the record; Kafka allows a name more than once."""


@dataclass(frozen=True, slots=True)
class Message:
    """A record as it was read.

    value:        None is a tombstone on a compacted topic
    timestamp_ms: Unix milliseconds, as the producer or the broker set them; -1 when there is none
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to write.

    topic:        its full name, prefix included (`Topics` gives it)
    timestamp_ms: None for the time of sending
    """

    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    timestamp_ms: int | None = None


def received(record: ClientMessage) -> Message:
    """The client library's record as ours. The record must not be an error event."""
    return Message(
        topic=record.topic() or "",
        partition=_number(record.partition()),
        offset=_number(record.offset()),
        key=_bytes(record.key()),
        value=_bytes(record.value()),
        headers=tuple((name, _bytes(value)) for name, value in record.headers() or ()),
        timestamp_ms=record.timestamp()[1],
    )


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value
