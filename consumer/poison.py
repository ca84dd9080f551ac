"""When so many records are bad that going on would only drain the topic into the dead letters."""

from dataclasses import dataclass, replace

_MEMORY = 10_000
"""Records that the share is taken of."""


@dataclass(frozen=True, slots=True)
class PoisonCount:
    """Bad records on end, and their share of about the last 10,000.

    run:   bad records since the last good one
    bad, seen: decaying counts; the share means something from 1,000 records on

    >>> PoisonCount().counted([False] * 3 + [True]).run
    1
    """

    run: int = 0
    bad: float = 0.0
    seen: float = 0.0

    def counted(self, is_bad: list[bool]) -> "PoisonCount":
        """The count after these records, in their order."""
        if True not in is_bad:
            return replace(self, run=0, bad=self._kept(self.bad), seen=self._grown(len(is_bad)))
        backwards = is_bad[::-1]
        run = backwards.index(False) if False in backwards else self.run + len(is_bad)
        bad = self._kept(self.bad) + sum(is_bad)
        return PoisonCount(run, bad, self._grown(len(is_bad)))

    def fault(self, largest_run: int, largest_share: float) -> str | None:
        """Why to stop, for people; None while it is not too much."""
        if self.run >= largest_run:
            return f"{self.run} bad records on end, the limit is {largest_run}"
        if self.seen >= _MEMORY / 10 and self.bad > largest_share * self.seen:
            share = self.bad / self.seen
            return f"{share:.0%} of the last records are bad, the limit is {largest_share:.0%}"
        return None

    def _kept(self, count: float) -> float:
        return count / 2 if self.seen >= _MEMORY else count

    def _grown(self, records: int) -> float:
        return self._kept(self.seen) + records
