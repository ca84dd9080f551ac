"""How high a statistic must rise: limits from a stated run length, over all tests of a monitor.

A test at p < 0.05 on each of ten features alarms at 40 % of the looks at a stream that has not
changed. Here the operator states the run length of the monitor as a whole, and each test gets its
share of it. Source: Bonferroni's inequality, which asks for no independence: the tests of a look
share rows, and all looks share the error of one reference.
"""

from dataclasses import dataclass

from scipy import special


@dataclass(frozen=True, slots=True)
class AlarmBudget:
    """How often a monitor may alarm on a stream that does not change.

    run_length: looks between its false alarms, on average, at least
    tests:      that it makes at each look: features times statistics times lengths of window
    Raises ValueError unless both are 1 or more.

    >>> AlarmBudget(run_length=2_000, tests=50).rate
    1e-05
    """

    run_length: float
    tests: int

    def __post_init__(self) -> None:
        if not self.run_length >= 1.0:
            raise ValueError(f"run_length is {self.run_length:g}, expected 1 or more")
        if self.tests < 1:
            raise ValueError(f"tests is {self.tests}, expected 1 or more")

    @property
    def rate(self) -> float:
        """The chance that one test may alarm at one look.

        Šidák's exact figure for independent tests is larger by no more than half of 1 / run_length.
        """
        return 1.0 / (self.run_length * self.tests)


def normal_limit(rate: float) -> float:
    """The |z| that a standard normal figure exceeds with this chance, in (0, 1].

    >>> round(normal_limit(0.05), 2)
    1.96
    """
    return -float(special.ndtri(rate / 2.0))


def chi_square_limit(rate: float, freedom: int) -> float:
    """What a chi-square figure of so many degrees of freedom exceeds with this chance; 0 for none.

    >>> round(chi_square_limit(0.05, freedom=1), 2)
    3.84
    """
    return float(special.chdtri(freedom, rate)) if freedom > 0 else 0.0
