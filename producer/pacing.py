"""Pacing: how many rows are due by now, and how long to wait for the next."""

import math
from dataclasses import dataclass

from producer.errors import ScenarioError


@dataclass(frozen=True, slots=True)
class Pace:
    """An even schedule; rows that could not be sent in time are due at once.

    rate_per_s: rows a second; 0 is flat out. Raises ScenarioError for a negative one.

    >>> pace = Pace(rate_per_s=100.0)
    >>> pace.rows_due(elapsed_s=0.25, at_most=1000)
    25
    >>> round(pace.wait_s(rows=30, elapsed_s=0.25), 6)
    0.05
    """

    rate_per_s: float

    def __post_init__(self) -> None:
        if not self.rate_per_s >= 0:
            raise ScenarioError(f"pace: rate is {self.rate_per_s:g}, must be 0 or more")

    def rows_due(self, elapsed_s: float, at_most: int) -> int:
        """Rows that should have been sent `elapsed_s` after the start, no more than `at_most`."""
        if self.rate_per_s == 0:
            return at_most
        return min(math.floor(elapsed_s * self.rate_per_s + 1e-9), at_most)

    def wait_s(self, rows: int, elapsed_s: float) -> float:
        """Seconds until `rows` rows are due; 0 when they are."""
        if self.rate_per_s == 0:
            return 0.0
        return max(rows / self.rate_per_s - elapsed_s, 0.0)
