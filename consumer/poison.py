"""When so many records are bad that going on would only drain the topic into the dead letters."""

from dataclasses import dataclass

_MEMORY = 10_000
"""Records that the share is taken of."""


@dataclass(frozen=True, slots=True)
class PoisonCount:
    """Bad records on end, and their share of about the last 10,000.

    run:     bad records since the last good one
    bad, seen: decaying counts; the share means something from 1,000 records on
    longest: longest run that ended among the newest records, or goes on

    >>> PoisonCount().counted([False, True, True, False, True])
    PoisonCount(run=1, bad=3.0, seen=5.0, longest=2)
    """

    run: int = 0
    bad: float = 0.0
    seen: float = 0.0
    longest: int = 0

    def counted(self, is_bad: list[bool]) -> "PoisonCount":
        """The count after these records, in their order; none change nothing."""
        if not is_bad:
            return self
        bad, seen = self._kept(self.bad) + sum(is_bad), self._grown(len(is_bad))
        if True not in is_bad:
            return PoisonCount(bad=bad, seen=seen)
        run, longest = self.run, 0
        for is_this_bad in is_bad:
            run = run + 1 if is_this_bad else 0
            longest = max(longest, run)
        return PoisonCount(run, bad, seen, longest)

    def fault(self, largest_run: int, largest_share: float) -> str | None:
        """Why to stop, for people; None while it is not too much."""
        if self.longest >= largest_run:
            return f"{self.longest} bad records on end, the limit is {largest_run}"
        if self.seen >= _MEMORY / 10 and self.bad > largest_share * self.seen:
            share = self.bad / self.seen
            return f"{share:.0%} of the last records are bad, the limit is {largest_share:.0%}"
        return None

    def _kept(self, count: float) -> float:
        return count / 2 if self.seen >= _MEMORY else count

    def _grown(self, records: int) -> float:
        return self._kept(self.seen) + records
