"""Drift of a categorical feature: frequencies that moved, and categories never seen before.

Source: the production monitoring article, which alarms where the frequency of a category moves by
more than 0.05, and on new categories. Added here: what chance could do, as 0.05 is two standard
errors of 400 rows and fifteen of 20,000.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.alarms import chi_square_limit
from selfheal.drift.chi_square import ChiSquare, chi_square
from selfheal.drift.shares import Shares, observed_shares

FREQUENCY_THRESHOLD = 0.05
"""Change of a category's share that matters, as published."""


@dataclass(frozen=True, slots=True)
class CategoryDrift:
    """Levels of one feature against their reference.

    rows:       with a value
    shift:      largest change of a level's share, in [0, 1]; level: its position, len(levels) for
                the unknown ones together
    new_rows:   values of unknown levels; new_share: of `rows`, less the reference's own share
    test:       chi-square over all levels
    """

    rows: int
    shift: float
    level: int
    new_rows: int
    new_share: float
    test: ChiSquare

    @property
    def is_published_alarm(self) -> bool:
        """As the article has it: a share moved by more than 0.05, or a new category came."""
        return self.shift > FREQUENCY_THRESHOLD or self.new_share > 0.0

    def excess(self, rate: float) -> float:
        """An alarm above 1: a share moved by more than matters and more than chance explains.

        rate: chance of an alarm of this feature at one look at an unchanged stream
        """
        limit = chi_square_limit(rate, self.test.freedom)
        if limit <= 0.0:
            return 0.0
        return min(self.test.statistic / limit, self.shift / FREQUENCY_THRESHOLD)


def category_drift(counts: NDArray[np.int64], expected: Shares) -> CategoryDrift:
    """Counts (levels + 1,), the last of all unknown levels, against the shares expected of them.

    No drift at all for no rows, or for a feature that never had a value.

    >>> drift = category_drift(np.array([50, 30, 20]), Shares(np.array([0.6, 0.4, 0.0])))
    >>> round(drift.shift, 2), drift.level, drift.new_rows
    (0.2, 2, 20)
    """
    rows = int(counts.sum())
    if not rows or not expected.is_known:
        return CategoryDrift(rows, 0.0, 0, int(counts[-1]), 0.0, ChiSquare(0.0, 0))
    moved = observed_shares(counts) - expected.shares
    level = int(np.abs(moved).argmax())
    return CategoryDrift(
        rows=rows,
        shift=float(abs(moved[level])),
        level=level,
        new_rows=int(counts[-1]),
        new_share=max(float(moved[-1]), 0.0),
        test=chi_square(counts, expected),
    )
