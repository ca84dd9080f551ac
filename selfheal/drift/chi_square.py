"""Pearson's chi-square test: are two sets of counts of one distribution?

Source: Pearson 1900; the test of homogeneity of two samples, so that the reference's own error
counts. Cells in which fewer than five rows are expected are put together (Cochran 1954), for there
the distribution of the statistic is not that of chi-square.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from selfheal.drift.mixture import Floats
from selfheal.drift.shares import Shares

FEWEST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """statistic: >= 0; freedom: degrees, 0 where there was nothing to compare."""

    statistic: float
    freedom: int

    @property
    def p(self) -> float:
        """Chance of such a statistic, or a larger one, where nothing has changed."""
        return float(special.chdtrc(self.freedom, self.statistic)) if self.freedom else 1.0


def chi_square(counts: NDArray[np.int64], expected: Shares) -> ChiSquare:
    """Counts (b,) against expected shares (b,) with the rows behind them.

    >>> half = Shares(np.array([0.5, 0.5]))
    >>> round(chi_square(np.array([60, 40]), half).statistic, 6)
    4.0
    """
    rows = float(counts.sum())
    if rows <= 0.0 or not expected.is_known:
        return ChiSquare(0.0, 0)
    reference_share = 1.0 / (1.0 + rows / expected.rows)  # of both samples' rows together
    p = counts / rows
    pooled = reference_share * expected.shares + (1.0 - reference_share) * p
    p, q, pooled = _merged_rare_cells(p, expected.shares, pooled, min(rows, expected.rows))
    is_used = pooled > 0.0
    scale = 1.0 / (1.0 / rows + 1.0 / expected.rows)
    statistic = scale * float(((p - q)[is_used] ** 2 / pooled[is_used]).sum())
    return ChiSquare(statistic, max(int(is_used.sum()) - 1, 0))


def _merged_rare_cells(
    p: Floats, q: Floats, pooled: Floats, rows: float
) -> tuple[Floats, Floats, Floats]:
    """The shares with all rare cells in one; as they are where there is at most one."""
    is_rare = pooled * rows < FEWEST_EXPECTED
    if is_rare.sum() < 2:
        return p, q, pooled
    return (
        np.append(p[~is_rare], p[is_rare].sum()),
        np.append(q[~is_rare], q[is_rare].sum()),
        np.append(pooled[~is_rare], pooled[is_rare].sum()),
    )
