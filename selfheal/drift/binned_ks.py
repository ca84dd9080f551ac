"""Kolmogorov-Smirnov distances of many features over many suffixes, from counts of rows in bins.

To sort a window again for each test is most of what a test costs. The bins are the reference's: a
row's bin does not change while the reference stands, so it is looked up once, when the row comes,
and a test only counts. The distance is taken at the ends of the bins, 128 steps of equal mass and
every value with a mass of its own as large: never more than the usual statistic, so the bound on
false alarms holds, and at most a bin's mass below it. Unlike `ks_distance`, which looks at the
rows' own values alone, it sees a feature that is stuck at its median.
Source: Kolmogorov 1933; Massart 1990, as in `selfheal/drift/ks.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.mixture import Mixture
from selfheal.model.reference_rows import BLOCKS, STRAYED

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

STEPS = 128
"""Steps of equal mass of the reference; each ends in a point at which distances are taken."""


@dataclass(frozen=True, slots=True, eq=False)
class Bins:
    """The bins of k features, and what the reference says of their ends.

    ends:     (k, 2 p) ascending: before and after each of at most p points, infinite beyond a
              feature's last one
    expected: (k, p) the mixtures' `mid_cdf` at the points; 1 beyond the last one
    effective_rows, wander: (k,) and (k, len(BLOCKS)), of the mixtures
    """

    ends: Floats
    expected: Floats
    effective_rows: Floats
    wander: Floats

    @staticmethod
    def of(mixtures: Sequence[Mixture]) -> "Bins":
        """Bins for what each of k features should look like."""
        probabilities = np.linspace(0.0, 1.0, STEPS + 1)
        points = [np.unique(mixture.quantile(probabilities)) for mixture in mixtures]
        most = max(map(len, points), default=0)
        ends, expected = np.full((len(points), 2 * most), np.inf), np.ones((len(points), most))
        for feature, (mixture, own) in enumerate(zip(mixtures, points, strict=True)):
            # A row at a point is counted half: it is after the point's first end, before its last.
            around = np.stack([own - mixture.reach, np.nextafter(own + mixture.reach, np.inf)], 1)
            ends[feature, : 2 * len(own)] = np.maximum.accumulate(around.ravel())
            expected[feature, : len(own)] = mixture.mid_cdf(own)
        return Bins(
            ends=ends,
            expected=expected,
            effective_rows=np.array([mixture.effective_rows for mixture in mixtures]),
            wander=np.array([m.wander for m in mixtures]).reshape(-1, len(BLOCKS)),
        )

    @property
    def _size(self) -> int:
        """Bins of a feature: one more than ends, and one for missing values."""
        return self.ends.shape[1] + 2

    def codes(self, columns: Floats) -> Integers:
        """(n, k) int64: the bin of each value of columns (n, k), told apart by feature too."""
        codes = np.empty(columns.shape, dtype=np.int64)
        for feature, ends in enumerate(self.ends):
            codes[:, feature] = ends.searchsorted(columns[:, feature], side="right")
        codes[np.isnan(columns)] = self._size - 1
        return codes + self._size * np.arange(len(self.ends))

    def distances(self, codes: Integers, lengths: Sequence[int]) -> tuple[Integers, Floats]:
        """Present rows, and their distance from the reference, both (lengths, k).

        codes:   (n, k) as `codes` gives them, the newest row last
        lengths: of the suffixes, rows, ascending, each at most n
        No rows have no distance.
        """
        counts = self._counts(codes, lengths)[:, :, :-1].cumsum(axis=2)
        rows = counts[:, :, -1]
        twice = counts[:, :, 0:-1:2] + counts[:, :, 1:-1:2]  # mid-ranks: a row at a point is half
        ranks = twice / np.maximum(2 * rows, 1)[:, :, None]
        distances = np.abs(ranks - self.expected).max(axis=2, initial=0.0)
        return rows, np.where(rows > 0, distances, 0.0)

    def _counts(self, codes: Integers, lengths: Sequence[int]) -> Integers:
        """(lengths, k, bins) rows of each suffix in each bin."""
        features, size = len(self.ends), self._size
        counts = np.empty((len(lengths), features * size), dtype=np.int64)
        known = np.zeros(features * size, dtype=np.int64)
        newer = 0
        for place, length in enumerate(lengths):
            part = codes[len(codes) - length : len(codes) - newer]
            known += np.bincount(part.ravel(), minlength=features * size)
            counts[place], newer = known, length
        return counts.reshape(len(lengths), features, size)

    def errors(self, rows: Integers | Floats) -> Floats:
        """The mixtures' `error` of samples of so many rows, (lengths, k) both."""
        place = np.interp(rows, BLOCKS, np.arange(len(BLOCKS)))
        before = place.astype(np.int64).clip(max=len(BLOCKS) - 2)
        share, feature = place - before, np.arange(len(self.ends))
        older, newer = self.wander[feature, before], self.wander[feature, before + 1]
        stray = (1.0 - share) * older + share * newer
        with np.errstate(divide="ignore"):  # no rows, on either side: infinite
            chance = np.sqrt(1.0 / rows + 1.0 / self.effective_rows)
        return np.maximum(chance, stray / STRAYED)
