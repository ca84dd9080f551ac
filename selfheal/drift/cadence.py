"""When to look: a regular cadence, in event time, with enough rows in each look.

Source: the production monitoring article, which tests at a regular cadence rather than at each
row. The cadence is a part of the false-alarm rate: a run length of 10,000 looks is a week at one a
minute and two years at one an hour.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cadence:
    """A look is due after both so much time and so many rows.

    every_ms: event time between looks, >= 1; fewest_rows: in a look, >= 1
    Raises ValueError for less.

    >>> Cadence(every_ms=60_000, fewest_rows=500).is_due(elapsed_ms=61_000, rows=420)
    False
    """

    every_ms: int
    fewest_rows: int

    def __post_init__(self) -> None:
        for name in ("every_ms", "fewest_rows"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}, expected 1 or more")

    def is_due(self, elapsed_ms: int, rows: int) -> bool:
        """Whether to look now. elapsed_ms: of event time; rows: both since the last look."""
        return elapsed_ms >= self.every_ms and rows >= self.fewest_rows

    def looks_in(self, days: float) -> float:
        """Most looks in so many days: what a run length in looks means in time.

        >>> Cadence(every_ms=60_000, fewest_rows=500).looks_in(days=7)
        10080.0
        """
        return days * 86_400_000.0 / self.every_ms
