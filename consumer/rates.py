"""How fast transactions come, from counts at moments. Pure: the caller has the clock."""

from dataclasses import dataclass

_MEMORY_S = 1.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A smoothed rate.

    per_s: records a second, over about the last second; grows from 0 over as long
    at_s:  moment of the last count, of a monotonic clock

    Counted after each batch, so that a burst is felt while it lasts and not seconds later.

    >>> Rate(0.0, at_s=10.0).counted(3000, now_s=12.0).per_s
    1500.0
    """

    per_s: float
    at_s: float

    def counted(self, records: int, now_s: float) -> "Rate":
        """The rate after `records` more since the last count."""
        elapsed_s = now_s - self.at_s
        if elapsed_s <= 0.0:
            return self
        newest = records / elapsed_s
        weight = min(1.0, elapsed_s / _MEMORY_S)
        return Rate(self.per_s + weight * (newest - self.per_s), now_s)
