"""A record of the compacted topic `adapters`, and what its key says it is."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

Headers: TypeAlias = tuple[tuple[str, bytes | None], ...]
"""Kafka's record headers: names may repeat."""

ACTIVE_KEY = "active"

_VERSION = re.compile(r"v[1-9][0-9]{0,8}")
_EPOCH = re.compile(r"[1-9][0-9]{0,17}")
_HASH = re.compile(r"[0-9a-f]{64}")


class Part(Enum):
    """What a record of `adapters` is about."""

    SNAPSHOT = "snapshot"
    MODEL = "model"
    ACTIVE = "active"
    POINTER = "pointer"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """One record, read from the topic or to be written to it.

    key:     UTF-8, "snapshot/v3" and so on; a record without one names nothing
    value:   None is a tombstone: it withdraws what the key held
    offset:  in the topic's one partition; -1 for a record that is not written yet
    """

    key: str
    value: bytes | None
    headers: Headers = ()
    offset: int = -1

    @property
    def place(self) -> str:
        """Where it stands, for messages: `adapters@17 (active)`."""
        return f"adapters@{self.offset} ({self.key[:80]})"


def snapshot_key(version: str) -> str:
    """The key of a version's snapshot."""
    return f"snapshot/{version}"


def pin_key(version: str) -> str:
    """The key of a version's pin."""
    return f"pin/{version}"


def pointer_key(epoch: int) -> str:
    """The key of the copy that keeps a pointer in the history."""
    return f"pointer/{epoch}"


def model_key(backbone_hash: str) -> str:
    """The key of a whole model folder."""
    return f"model/{backbone_hash}"


def parse_key(key: str) -> tuple[Part, str] | None:
    """What the key names: the part, and its version, epoch or hash ("" for `active`).

    None for a key that this program does not know.

    >>> parse_key("snapshot/v3"), parse_key("pointer/12"), parse_key("snapshot/../../etc")
    ((<Part.SNAPSHOT: 'snapshot'>, 'v3'), (<Part.POINTER: 'pointer'>, '12'), None)
    """
    if key == ACTIVE_KEY:
        return Part.ACTIVE, ""
    part, _, name = key.partition("/")
    pattern = {"snapshot": _VERSION, "pin": _VERSION, "pointer": _EPOCH, "model": _HASH}.get(part)
    return (Part(part), name) if pattern and pattern.fullmatch(name) else None


def version_number(version: str) -> int:
    """The number in "v3"; 0 for "base" and for any other text, so that numbers compare.

    >>> [version_number(version) for version in ("v12", "base", "v03")]
    [12, 0, 0]
    """
    return int(version[1:]) if _VERSION.fullmatch(version) else 0
