"""Which class has moved, and where to: an explanation that no map of the inputs can give.

Where the training rows are normal within each class, rows without labels still show two classes
after one of them has moved: they lie around two means, and features that tell the classes apart go
together. Each feature of each class may move by its own shift, and so may the share of frauds; by
expectation maximisation (Dempster, Laird and Rubin 1977) from the anchors, with a cost for each
number that is fitted (Schwarz 1978).
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.anchored_alignment import belief_in_share, likeliest_share
from healer.anchors import Anchors

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

_STEPS = 300
_SMALLEST_GAIN = 1e-3
"""Gain of a step, nat, below which the search ends."""

_TINY = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class ClassShifts:
    """Shifts and a share of frauds that explain n rows.

    anchors:    where the classes are now; its prior is the share of frauds
    moved:      (2, k) bool, features of classes whose shift was fitted
    likelihood: log density of all rows together
    score:      the same, less half the logarithm of n for each number that was fitted
    """

    anchors: Anchors
    moved: Flags
    likelihood: float
    score: float


def fit_class_shifts(values: Floats, anchors: Anchors) -> tuple[ClassShifts, ...]:
    """Explanations of numeric features (n, k), n >= 1, NaN where missing; the best one first.

    One from each start, with the trained share of frauds and with its own.
    """
    search = _Search(values, anchors)
    found = [
        search.simplest(start, is_free=is_free)
        for start in search.starts()
        for is_free in (False, True)
    ]
    return tuple(sorted(found, key=lambda fit: -fit.score))


class _Search:
    """Rows (n, k) in units of the anchors, so that a step is a few products of matrices."""

    def __init__(self, values: Floats, anchors: Anchors) -> None:
        self._anchors, self._rows = anchors, len(values)
        self._middle, self._width = anchors.moments()
        there = ~np.isnan(values)
        self._u = np.where(there, (values - self._middle) / self._width, 0.0)
        self._there = there.astype(np.float64)
        self._mean = (anchors.mean - self._middle) / self._width
        self._precision = (self._width / anchors.sd) ** 2
        self._squares = self._u**2 @ (-0.5 * self._precision).T  # no shift changes them
        self._unit = -np.log(anchors.sd) - 0.5 * np.log(2.0 * np.pi)  # density of raw values

    def starts(self) -> list[Floats]:
        """(2, k) shifts, uphill from which the best explanation is looked for.

        None; the legitimate class, or both, by the change of the medians; and the frauds to the
        other side of the legitimate class, in all features or in the one whose mean changed most.
        """
        before = np.array([1.0 - self._anchors.prior, self._anchors.prior]) @ self._mean
        columns = np.where(self._there > 0.0, self._u, np.nan).T
        change = np.array([_median(column) for column in columns]) - before
        rows = self._there.sum(axis=0) + _TINY
        most = np.abs(self._u.sum(axis=0) / rows - before).argmax()
        nothing, across = np.zeros_like(change), 2.0 * (self._mean[0] - self._mean[1])
        alone = np.where(np.arange(len(change)) == most, across, 0.0)
        pairs = (
            (nothing, nothing),
            (change, nothing),
            (change, change),
            (nothing, across),
            (nothing, alone),
        )
        return [np.stack(pair) for pair in pairs]

    def simplest(self, start: Floats, *, is_free: bool) -> ClassShifts:
        """Uphill from a start, and then without each shift that is not worth its cost."""
        everything = np.ones_like(self._mean, dtype=np.bool_)
        best = self.nearest(everything, start, self._anchors.prior, is_free=is_free)
        while best.moved.any():
            gains = self._gains(best)
            weak = best.moved & (gains < 0.5 * np.log(self._rows))
            weakest = best.moved & (gains == gains[best.moved].min())
            fewer = best.moved & ~(weak if weak.any() else weakest)
            simpler = self.nearest(fewer, self._shift_of(best), best.anchors.prior, is_free=is_free)
            if simpler.score <= best.score:
                break
            best = simpler
        return best

    def nearest(self, free: Flags, start: Floats, share: float, *, is_free: bool) -> ClassShifts:
        """The best explanation by these shifts that is uphill from a start (2, k), in widths.

        is_free: the share of frauds is fitted as well
        """
        shift, reached, likelihood = np.where(free, start, 0.0), -np.inf, -np.inf
        for _ in range(_STEPS):
            kind, likelihood = self._kinds(shift, share)
            goal = likelihood + (belief_in_share(share, self._anchors.prior) if is_free else 0.0)
            if goal - reached < _SMALLEST_GAIN:
                break
            reached = goal
            weight = kind.T @ self._there + _TINY
            shift = np.where(free, kind.T @ self._u / weight - self._mean, 0.0)
            if is_free:
                share = likeliest_share(kind, self._anchors.prior)
        moved = Anchors(self._anchors.mean + shift * self._width, self._anchors.sd, share)
        cost = 0.5 * np.log(self._rows) * (int(free.sum()) + int(is_free))
        return ClassShifts(moved, free, likelihood, likelihood - float(cost))

    def _kinds(self, shift: Floats, share: float) -> tuple[Floats, float]:
        """(n, 2) posterior of the classes, and the log density of all rows."""
        mean = self._mean + shift
        densities = self._squares + self._u @ (self._precision * mean).T
        densities += self._there @ (self._unit - 0.5 * self._precision * mean**2).T
        densities += np.log([1.0 - share, share])
        rows = np.logaddexp(densities[:, 0], densities[:, 1])
        return np.exp(densities - rows[:, None]), float(rows.sum())

    def _gains(self, found: ClassShifts) -> Floats:
        """(2, k) likelihood that each shift gains, were the frauds known."""
        shift = self._shift_of(found)
        kind, _ = self._kinds(shift, found.anchors.prior)
        away = kind.T @ self._u - (kind.T @ self._there) * self._mean
        return self._precision * shift * (away - 0.5 * shift * (kind.T @ self._there))

    def _shift_of(self, found: ClassShifts) -> Floats:
        return (found.anchors.mean - self._anchors.mean) / self._width


def _median(column: Floats) -> float:
    """Of the values that are there; 0 for none."""
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else 0.0
