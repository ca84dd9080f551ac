"""The `control` topic: signed commands of an operator, which the healer executes."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta

from selfheal.records.codec import decode_tagged

Milliseconds: TypeAlias = Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class ActivateCommand:
    """Point every scorer to this version ("base" for no adapter)."""

    id: str
    version: str
    reason: str
    issued_ms: Milliseconds
    kind: Literal["activate"] = "activate"


@dataclass(frozen=True, slots=True)
class RollBackCommand:
    """Leave the active version for the best other one on the current labelled window."""

    id: str
    reason: str
    issued_ms: Milliseconds
    kind: Literal["rollback"] = "rollback"


@dataclass(frozen=True, slots=True)
class PinCommand:
    """Keep a version from clean-up, or give it free again (`is_pinned` false)."""

    id: str
    version: str
    is_pinned: bool
    reason: str
    issued_ms: Milliseconds
    kind: Literal["pin"] = "pin"


@dataclass(frozen=True, slots=True)
class ThresholdsCommand:
    """Set settings of `threshold_config.json` by name; those not named stay."""

    id: str
    values: dict[str, float]
    reason: str
    issued_ms: Milliseconds
    kind: Literal["thresholds"] = "thresholds"


@dataclass(frozen=True, slots=True)
class ModelCommand:
    """Put another model into service, without an adapter. Its record is on `adapters` already.

    backbone_hash: SHA-256 (hex) by which the record is named
    """

    id: str
    backbone_hash: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    reason: str
    issued_ms: Milliseconds
    kind: Literal["model"] = "model"


Command: TypeAlias = (
    ActivateCommand | RollBackCommand | PinCommand | ThresholdsCommand | ModelCommand
)

_KINDS: dict[str, type[Any]] = {
    "activate": ActivateCommand,
    "rollback": RollBackCommand,
    "pin": PinCommand,
    "thresholds": ThresholdsCommand,
    "model": ModelCommand,
}


def decode_command(value: bytes | None) -> Command:
    """Any record of `control`, told apart by its `kind`. Raises DecodingError."""
    return decode_tagged(_KINDS, value)
