"""The `adapters` topic: the signed pointer and the pins. Its snapshots are safetensors."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

BASE_VERSION = "base"
"""The version that means: no adapter, the backbone alone."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version serves, from which moment on. Signed; a scorer accepts only a greater epoch.

    epoch:         counts the pointer's changes, rollbacks included, from 1
    version:       an adapter version, or "base"
    snapshot_hash: SHA-256 (hex) of the snapshot's bytes; "" for "base"
    backbone_hash: SHA-256 (hex) of the backbone that the adapter belongs to
    threshold:     score from which the decision is fraud, in [0, 1]
    reason:        one line for people
    key_id:        of the key that signs it
    issued_ms:     Unix milliseconds
    """

    epoch: Annotated[int, Meta(ge=1)]
    version: str
    snapshot_hash: str
    backbone_hash: str
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)]
    reason: str
    key_id: str
    issued_ms: Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class Pin:
    """A version that clean-up must keep. Withdrawn by a tombstone on its key."""

    version: str
    reason: str
    key_id: str
    issued_ms: Annotated[int, Meta(ge=0)]
