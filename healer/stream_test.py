"""Does the stream still look like the regime that the serving version was made for?

Kolmogorov-Smirnov distances of every aligned feature over suffixes of several lengths: short ones
find a large shift at once, long ones a small shift in time. The threshold follows from a stated
false-alarm rate a test, and from a smallest effect worth a heal.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from healer.alignment import feature_mixture
from selfheal.drift.ks import critical_distance, ks_distance, standard_error
from selfheal.model.reference import Reference

SUFFIXES = (100, 400, 1600, 4000)
"""Lengths of the tested suffixes, rows."""

SMALLEST_EFFECT = 0.04
"""Distance between distributions that is too small to matter, whatever the sample."""


@dataclass(frozen=True, slots=True)
class StreamTest:
    """The most suspicious feature of all suffixes.

    excess:   its distance over the threshold; an alarm above 1
    features: positions of the numeric features above their threshold, the worst first
    rows:     of the suffix
    """

    excess: float
    distance: float
    threshold: float
    features: tuple[int, ...]
    rows: int

    @property
    def is_alarm(self) -> bool:
        """True where a feature is further away than chance and the smallest effect allow."""
        return self.excess > 1.0


def stream_test(
    aligned: NDArray[np.float64], reference: Reference, prior: float, alarm_rate: float
) -> StreamTest:
    """Test the newest rows against the class mixture of `prior`.

    aligned: (n, k) numeric features as the serving version aligns them, in event order, NaN missing
    Quiet where there are fewer rows than the shortest suffix.
    """
    tests = [
        _suffix_test(aligned[-length:], reference, prior, alarm_rate)
        for length in SUFFIXES
        if length <= len(aligned)
    ]
    quiet = StreamTest(0.0, 0.0, 1.0, (), 0)
    return max(tests, key=lambda test: test.excess, default=quiet)


def _suffix_test(
    aligned: NDArray[np.float64], reference: Reference, prior: float, alarm_rate: float
) -> StreamTest:
    critical = critical_distance(alarm_rate)
    columns = [column[~np.isnan(column)] for column in aligned.T]
    distances = np.array(
        [ks_distance(c, feature_mixture(reference, i, prior)) for i, c in enumerate(columns)]
    )
    errors = np.array([standard_error(len(c), float(reference.rows.sum())) for c in columns])
    thresholds = np.maximum(critical * errors, SMALLEST_EFFECT)
    excess = distances / thresholds
    worst = int(excess.argmax()) if len(excess) else 0
    above = [int(i) for i in np.argsort(-excess) if excess[i] > 1.0]
    return StreamTest(
        excess=float(excess[worst]),
        distance=float(distances[worst]),
        threshold=float(thresholds[worst]),
        features=tuple(above),
        rows=len(aligned),
    )
