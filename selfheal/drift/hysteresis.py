"""One alarm from its onset to its end, out of a detector's look after look.

A single look above a limit may be an accident, and a figure that hovers about the limit would
alarm and clear at each look. So an alarm needs several looks (persistence), and its end needs the
figure to fall well below where it began (a Schmitt trigger, Schmitt 1938).

The chance of a false alarm is set by the limit alone and takes no credit for persistence: looks
share the error of one reference, and where each has many rows they are wrong together.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watched:
    """A figure that is watched, at one moment.

    recent: its newest looks, the newest last: +1 above the limit, -1 calm, 0 in between
    """

    is_alarmed: bool = False
    recent: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """When an alarm begins, and when it ends.

    looks, among: so many of the newest `among` looks must agree, to begin an alarm or to end it
    calm:         share of the limit below which a look is calm
    An abrupt change that each look sees is told after `looks` looks.
    Raises ValueError unless 1 <= looks <= among and 0 < calm <= 1.

    >>> rule, seen = Hysteresis(looks=2, among=3), Watched()
    >>> for excess in (1.2, 0.3, 1.4, 0.8, 0.9):
    ...     seen = rule.after(seen, excess)
    >>> seen.is_alarmed                             # two of three; 0.8 is above and not yet calm
    True
    """

    looks: int = 2
    among: int = 3
    calm: float = 0.5

    def __post_init__(self) -> None:
        if not 1 <= self.looks <= self.among:
            raise ValueError(f"looks is {self.looks}, expected 1 to {self.among}")
        if not 0.0 < self.calm <= 1.0:
            raise ValueError(f"calm is {self.calm:g}, expected above 0, at most 1")

    def after(self, watched: Watched, excess: float) -> Watched:
        """The figure after one more look. excess: statistic over limit; NaN changes nothing."""
        if excess != excess:  # noqa: PLR0124  (NaN)
            return watched
        sign = 1 if excess > 1.0 else -1 if excess < self.calm else 0
        recent = (*watched.recent, sign)[-self.among :]
        turn = -1 if watched.is_alarmed else 1
        if recent.count(turn) < self.looks:
            return Watched(watched.is_alarmed, recent)
        return Watched(not watched.is_alarmed, ())
