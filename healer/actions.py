"""What the healer's core wants done: values for whoever drives it to carry out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from healer.policy import MoveThreshold, Proposal, Restore, RollBack, Studied, Trigger
from selfheal.records.events import Event
from selfheal.records.label_requests import LabelRequest


@dataclass(frozen=True, slots=True)
class Say:
    """Tell an event."""

    event: Event


@dataclass(frozen=True, slots=True, eq=False)
class Train:
    """Run the job beside the polling, and give its outcome to `Healer.finish`."""

    job: Callable[[], Proposal | Studied]


@dataclass(frozen=True, slots=True, eq=False)
class Publish:
    """Put the candidate into the registry and point to it; then `Healer.serve` and `published`."""

    proposal: Proposal
    trigger: Trigger
    duration_s: float


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask for these labels."""

    requests: tuple[LabelRequest, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PointBack:
    """Point to another version; then call `Healer.serve` and `pointed_back`."""

    intent: RollBack | Restore


@dataclass(frozen=True, slots=True)
class PointAnew:
    """Point to the same version at another threshold; then `Healer.serve` and `pointed_anew`."""

    intent: MoveThreshold


def reason_of(intent: RollBack | Restore | MoveThreshold) -> str:
    """Why there is another pointer, as it keeps it itself."""
    return "threshold" if isinstance(intent, MoveThreshold) else intent.cause


Action: TypeAlias = Say | Ask | Train | Publish | PointBack | PointAnew


@dataclass(frozen=True, slots=True)
class Heals:
    """Counts of heals since the start."""

    attempted: int = 0
    published: int = 0
    refused: int = 0
    rolled_back: int = 0
