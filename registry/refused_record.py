"""What a reader of `adapters` does not use, as a value."""

from dataclasses import dataclass
from typing import Literal

from registry.errors import RecordRefused, Refusal
from registry.record import Part
from selfheal.records import Pointer


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record, or a pointer, that this reader does not use, and why.

    record:  what it is: "snapshot", "pointer" (`active` and its copies), "pin" or "model"
    version: that it is about; None where that cannot be known
    epoch:   of the pointer; None where that cannot be known
    backbone_hash: of the model that it is about; None for anything else than a model
    """

    kind: Refusal
    message: str
    record: Literal["snapshot", "pointer", "pin", "model"]
    version: str | None = None
    epoch: int | None = None
    backbone_hash: str | None = None


def refused_record(refused: RecordRefused, part: Part, name: str) -> RefusedRecord:
    """A record of this part and name that was refused."""
    return RefusedRecord(
        refused.kind,
        str(refused),
        "pointer" if part is Part.ACTIVE else part.value,
        version=name if part in (Part.SNAPSHOT, Part.PIN) else None,
        epoch=int(name) if part is Part.POINTER else None,
        backbone_hash=name if part is Part.MODEL else None,
    )


def unfollowed(pointer: Pointer, kind: Refusal, message: str) -> RefusedRecord:
    """A pointer that was accepted, and cannot be followed as things stand."""
    text = f"pointer to {pointer.version} (epoch {pointer.epoch}) {message}; the older one stays"
    return RefusedRecord(kind, text, "pointer", pointer.version, pointer.epoch)
