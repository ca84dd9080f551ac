"""Partitions in which records wait and none is scored. Pure: the caller has the clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

STALLED_S = 30.0
"""A partition with waiting records that does not advance for so long has stalled."""


class Place(NamedTuple):
    """How far a partition is read: offset of the next record, and records that wait."""

    position: int
    lag_records: int


@dataclass(frozen=True, slots=True)
class Stall:
    """A partition that has just stalled, or that has just advanced again after it did."""

    partition: int
    duration_s: float
    lag_records: int
    is_over: bool


@dataclass(frozen=True, slots=True)
class Stalls:
    """What the last look saw.

    seen:    position, and since when it is that one, by partition
    stalled: partitions that were told of
    """

    seen: Mapping[int, tuple[int, float]] = field(default_factory=dict[int, tuple[int, float]])
    stalled: frozenset[int] = frozenset()

    def looked(
        self, places: Mapping[int, Place], now_s: float
    ) -> tuple["Stalls", tuple[Stall, ...]]:
        """After one more look at the partitions that are owned, and what is new about them.

        >>> stalls, _ = Stalls().looked({0: Place(7, 5)}, now_s=0.0)
        >>> stalls.looked({0: Place(7, 5)}, now_s=31.0)[1]
        (Stall(partition=0, duration_s=31.0, lag_records=5, is_over=False),)
        """
        seen = {p: self._since(p, place, now_s) for p, place in places.items()}
        waits = {p: now_s - seen[p][1] for p in places}
        stalled = frozenset(p for p, wait_s in waits.items() if wait_s >= STALLED_S)
        new = [Stall(p, waits[p], places[p].lag_records, False) for p in stalled - self.stalled]
        over = [
            Stall(p, now_s - self.seen[p][1], places[p].lag_records, True)
            for p in self.stalled - stalled
            if p in places
        ]
        return Stalls(seen, stalled), (*new, *over)

    def waits_s(self, now_s: float) -> dict[int, float]:
        """How long each stalled partition has not advanced; 0 for the others."""
        return {
            partition: now_s - since_s if partition in self.stalled else 0.0
            for partition, (_, since_s) in self.seen.items()
        }

    def _since(self, partition: int, place: Place, now_s: float) -> tuple[int, float]:
        """Nothing waits, or it has moved: the clock starts anew."""
        position, since_s = self.seen.get(partition, (-1, now_s))
        is_waiting = place.lag_records > 0 and place.position == position
        return (place.position, since_s if is_waiting else now_s)
