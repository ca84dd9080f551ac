"""What is read from a topic and what is written to one: plain bytes, no meaning."""

from dataclasses import dataclass
from typing import TypeAlias

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
