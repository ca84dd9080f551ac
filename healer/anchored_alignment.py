"""Alignment by likelihood, where the training rows are normal within each class.

x' = a x + b for each feature, and a share of frauds, that make the rows as likely as can be as a
mixture of the two anchors. By expectation maximisation (Dempster, Laird and Rubin 1977): who is a
fraud, given the maps; the maps, given who is. Which features have moved, and whether the share has,
is chosen by the likelihood, with a cost for each number that is fitted.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.anchors import Anchors

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

PSEUDO_ROWS = 15.0
"""Rows with the trained share of frauds that are added to those that are there."""

_STEPS = 300
_SMALLEST_GAIN = 1e-3
"""Gain of a step, nat, below which the search ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """x' = scale x + shift of each of k features; scale > 0."""

    scale: Floats
    shift: Floats

    @staticmethod
    def identity(features: int) -> "Maps":
        """That change nothing."""
        return Maps(np.ones(features), np.zeros(features))

    def only(self, moved: Flags) -> "Maps":
        """Those of the moved features; the others stay where they are."""
        return Maps(np.where(moved, self.scale, 1.0), np.where(moved, self.shift, 0.0))


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """Maps and a share of frauds that explain n rows.

    moved:          (k,) bool, features whose maps were fitted
    is_prior_moved: the share of frauds was fitted as well
    likelihood:     log density of all rows together
    """

    maps: Maps
    moved: Flags
    prior: float
    is_prior_moved: bool
    likelihood: float

    @property
    def freedom(self) -> int:
        """Numbers that were fitted."""
        return 2 * int(self.moved.sum()) + int(self.is_prior_moved)


def log_likelihoods(values: Floats, maps: Maps, prior: float, anchors: Anchors) -> Floats:
    """(n,) log density of raw numeric features (n, k), if they were mapped so from the anchors."""
    stretch = np.where(np.isnan(values), 0.0, np.log(maps.scale)).sum(axis=1)
    return anchors.log_likelihoods(values * maps.scale + maps.shift, prior) + stretch


def fit_anchored(values: Floats, anchors: Anchors) -> Explained:
    """The best explanation of numeric features (n, k), n >= 1, NaN where missing."""
    search = _Search(values, anchors)
    everything = np.ones(values.shape[1], dtype=np.bool_)
    identity, cost = Maps.identity(values.shape[1]), np.log(len(values))
    tried = [search.nearest(everything, start, is_free=True) for start in search.starts()]
    full = max(tried, key=_likelihood)
    chosen = search.gains(full) > 2.0 * cost
    fits = [full]
    for moved, start in ((~everything, identity), (chosen, full.maps.only(chosen))):
        fits += [search.nearest(moved, start, is_free=is_free) for is_free in (False, True)]
    return max(fits, key=lambda fit: fit.likelihood - cost * fit.freedom)


def likeliest_share(kind: Floats, trained: float) -> float:
    """Of frauds, where the classes are `kind` (n, 2), with the rows that are added."""
    return float((kind[:, 1].sum() + PSEUDO_ROWS * trained) / (len(kind) + PSEUDO_ROWS))


def belief_in_share(share: float, trained: float) -> float:
    """What the added rows say of a share, nat."""
    return PSEUDO_ROWS * float(trained * np.log(share) + (1 - trained) * np.log1p(-share))


def without_fraud(values: Floats, found: Explained, anchors: Anchors, share: float) -> Explained:
    """The best explanation by maps of the same features in which so few rows are frauds."""
    search = _Search(values, anchors)
    starts = [start.only(found.moved) for start in (found.maps, *search.starts())]
    fits = [search.nearest(found.moved, start, is_free=False, prior=share) for start in starts]
    return max(fits, key=_likelihood)


def _likelihood(found: Explained) -> float:
    return found.likelihood


class _Search:
    """Rows (n, k) in the form in which a step of the search is a few products of matrices.

    u = (x - middle) / width, so that squares lose no digits; inside, maps are of u.
    """

    def __init__(self, values: Floats, anchors: Anchors) -> None:
        self._anchors, self._values = anchors, values
        there = ~np.isnan(values)
        low, self._middle, high = np.array([_quartiles(column) for column in values.T]).T
        self._width = np.where(high > low, high - low, 1.0)
        self._u = np.where(there, (values - self._middle) / self._width, 0.0)
        self._square, self._there = self._u**2, there.astype(np.float64)
        self._count = self._there.sum(axis=0)
        precision = anchors.sd**-2  # (2, k)
        self._precision, self._pull = precision, precision * anchors.mean
        self._level = -0.5 * precision * anchors.mean**2 - np.log(anchors.sd) - _LOG_ROOT_TAU

    def starts(self) -> list[Maps]:
        """Identity; the moments, then the quartiles, of the anchors' mixture for those there."""
        mean, sd = self._anchors.moments()
        rows = np.maximum(self._count, 1.0)
        own_mean = self._u.sum(axis=0) / rows
        variance = self._square.sum(axis=0) / rows - own_mean**2
        scale = sd / np.sqrt(np.where(variance > 0.0, variance, 1.0))
        by_moments = self._outer(scale, mean - scale * own_mean)
        by_quartiles = self._outer(sd * _NORMAL_QUARTILES, mean)
        return [Maps.identity(len(mean)), by_moments, by_quartiles]

    def nearest(
        self, moved: Flags, start: Maps, *, is_free: bool, prior: float | None = None
    ) -> Explained:
        """The best explanation by these features' maps that is uphill from a start.

        is_free: the share of frauds is fitted as well
        """
        scale, shift = start.scale * self._width, start.scale * self._middle + start.shift
        share, reached = self._anchors.prior if prior is None else prior, -np.inf
        likelihood = reached
        for _ in range(_STEPS):
            kind, likelihood = self._kinds(scale, shift, share)
            goal = likelihood + (belief_in_share(share, self._anchors.prior) if is_free else 0.0)
            if goal - reached < _SMALLEST_GAIN:
                break
            reached = goal
            if moved.any():
                new_scale, new_shift = self._maps(kind)
                scale = np.where(moved, new_scale, scale)
                shift = np.where(moved, new_shift, shift)
            if is_free:
                share = likeliest_share(kind, self._anchors.prior)
        return Explained(self._outer(scale, shift), moved, share, is_free, likelihood)

    def gains(self, found: Explained) -> Floats:
        """(k,) likelihood that each feature's map gains, were the frauds known."""
        scale = found.maps.scale * self._width
        shift = found.maps.scale * self._middle + found.maps.shift
        kind, _ = self._kinds(scale, shift, found.prior)
        mapped = self._by_feature(kind, scale, shift)
        return mapped - self._by_feature(kind, self._width, self._middle)

    def _kinds(self, scale: Floats, shift: Floats, share: float) -> tuple[Floats, float]:
        """(n, 2) posterior of the classes, and the log density of all rows."""
        square = -0.5 * self._precision * scale**2
        straight = scale * (self._pull - self._precision * shift)
        level = self._level + shift * (self._pull - 0.5 * self._precision * shift)
        densities = self._square @ square.T + self._u @ straight.T + self._there @ level.T
        densities += np.log([1.0 - share, share])
        rows = np.logaddexp(densities[:, 0], densities[:, 1])
        stretch = float(self._count @ np.log(scale / self._width))
        return np.exp(densities - rows[:, None]), float(rows.sum()) + stretch

    def _maps(self, kind: Floats) -> tuple[Floats, Floats]:
        """(k,) scales and shifts of u, the likeliest ones where the classes are `kind` (n, 2)."""
        weight = (kind.T @ self._there) * self._precision  # (2, k)
        total = weight.sum(axis=0) + _TINY
        along = kind.T @ self._u * self._precision
        mean = along.sum(axis=0) / total
        goal = (weight * self._anchors.mean).sum(axis=0) / total
        spread = (kind.T @ self._square * self._precision).sum(axis=0) - total * mean**2
        shared = (along * self._anchors.mean).sum(axis=0) - total * mean * goal
        spread = np.maximum(spread, _TINY)
        scale = (shared + np.sqrt(shared**2 + 4.0 * self._count * spread)) / (2.0 * spread)
        scale = np.maximum(scale, _TINY)
        return scale, goal - scale * mean

    def _by_feature(self, kind: Floats, scale: Floats, shift: Floats) -> Floats:
        """(k,) log density of each feature where the classes are `kind` (n, 2)."""
        rest = shift - self._anchors.mean  # (2, k)
        squares = (
            scale**2 * (kind.T @ self._square)
            + 2.0 * scale * rest * (kind.T @ self._u)
            + rest**2 * (kind.T @ self._there)
        )
        return -0.5 * (self._precision * squares).sum(axis=0) + self._count * np.log(scale)

    def _outer(self, scale: Floats, shift: Floats) -> Maps:
        """Maps of u as maps of x."""
        return Maps(scale / self._width, shift - scale * self._middle / self._width)


_LOG_ROOT_TAU = 0.5 * np.log(2.0 * np.pi)
_NORMAL_QUARTILES = 1.349
"""Distance of the quartiles of a normal distribution, in its sds."""

_TINY = 1e-9


def _quartiles(column: Floats) -> Floats:
    """(3,) of the values that are there; 0, 0 and 1 for none."""
    present = column[~np.isnan(column)]
    if not len(present):
        return np.array([0.0, 0.0, 1.0])
    return np.quantile(present, [0.25, 0.5, 0.75])
