"""Does the stream still look like the regime that the serving version was made for?

Kolmogorov-Smirnov distances of every aligned feature over suffixes of several lengths: short ones
find a large shift at once, long ones a small shift in time. Rows are counted in bins, which are
looked up once a row (`selfheal/drift/binned_ks.py`). The threshold follows from a stated
false-alarm rate a test, and from a smallest effect worth a heal.
"""

from dataclasses import dataclass, field

import numpy as np

from selfheal.drift.binned_ks import Bins, Integers
from selfheal.drift.ks import critical_distance
from selfheal.model.repeated_rows import Repetition

SUFFIXES = (100, 400, 1600, 4000)
"""Lengths of the tested suffixes, rows."""

SMALLEST_EFFECT = 0.04
"""Distance between distributions that is too small to matter, whatever the sample."""


def _nothing() -> Integers:
    return np.zeros((0, 0), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class RegimeCheck:
    """The most suspicious feature of all suffixes.

    excess:   its distance over the threshold; an alarm above 1
    features: positions of the numeric features above their threshold, the worst first
    rows:     of the suffix
    shares:   positions, among all features, of those whose levels or missing values are above
              their threshold (see `share_check.py`), the worst first
    excess_of_values: of the numeric features, or of the share of frauds, alone
    present:  (suffixes, k) rows in which each numeric feature has a value
    """

    excess: float
    distance: float
    threshold: float
    features: tuple[int, ...]
    rows: int
    shares: tuple[int, ...] = ()
    excess_of_values: float = 0.0
    present: Integers = field(default_factory=_nothing, repr=False, compare=False)

    @property
    def is_alarm(self) -> bool:
        """True where a feature is further away than chance and the smallest effect allow."""
        return self.excess > 1.0

    @property
    def has_moved(self) -> bool:
        """True where a feature is named: not for the share of frauds alone."""
        return bool(self.features or self.shares)

    @property
    def is_of_shares(self) -> bool:
        """True where levels or missing values are all that has moved: no map answers that."""
        return bool(self.shares) and self.excess_of_values <= 1.0


def tested_lengths(rows: int) -> list[int]:
    """The suffixes that there are rows for."""
    return [length for length in SUFFIXES if length <= rows]


def regime_check(
    codes: Integers, bins: Bins, alarm_rate: float, repeated: Repetition | None = None
) -> RegimeCheck:
    """Test the newest rows against what each feature should look like.

    codes:      (n, k) numeric features as the serving version aligns them, in event order, in the
                bins of what the regime expects of them
    alarm_rate: chance that one test of one feature alarms on a clean stream, in (0, 1)
    repeated:   which of the rows repeat others, and tell nothing new; None for none
    Quiet where there are fewer rows than the shortest suffix, and where there is no feature.
    """
    lengths = tested_lengths(len(codes))
    if not lengths or not codes.shape[1]:
        return RegimeCheck(0.0, 0.0, 1.0, (), 0)
    rows, distances = bins.distances(codes, lengths)
    telling = rows if repeated is None else rows * repeated.new_shares(lengths)[:, None]
    errors = critical_distance(alarm_rate) * bins.errors(telling)
    thresholds = np.maximum(errors, SMALLEST_EFFECT)
    excess = distances / thresholds
    suffix, worst = np.unravel_index(excess.argmax(), excess.shape)
    above = [int(i) for i in np.argsort(-excess[suffix]) if excess[suffix, i] > 1.0]
    return RegimeCheck(
        excess=float(excess[suffix, worst]),
        distance=float(distances[suffix, worst]),
        threshold=float(thresholds[suffix, worst]),
        features=tuple(above),
        rows=lengths[suffix],
        excess_of_values=float(excess[suffix, worst]),
        present=rows,
    )
