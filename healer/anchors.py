"""Class-conditional normal distributions of the training rows, where these are normal.

Where they are, the likelihood of a row tells more than the ranks of its features: a hundred rows
are enough for an alignment, and the features are judged together. Where they are not, it misleads;
so what the reference knows of the training rows must pass tests of shape and of independence.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

from selfheal.model.model import Model
from selfheal.model.reference import Reference

Floats: TypeAlias = NDArray[np.float64]

_SHAPE = 1.3
"""Largest K-S distance from the normal distribution of the same moments, times sqrt(rows).

Lilliefors 1967: normal rows exceed it in one of ten thousand features.
"""

_TAIL = 1e-5
"""Chance with which the furthest of all rows of a class may lie as far out as it does."""

_CORRELATED = 4.5
"""Standard errors from 0 at which two features of one class belong together."""

_LARGEST_CORRELATION = 0.1
"""That does no harm, however many rows show it."""

_FEWEST = 50
"""Rows of a class whose shape says anything."""

_DRAWN = 20_000
"""Rows drawn to know the likelihood of rows that nothing changed."""

_normal_cdf: Callable[[Floats], Floats] = ndtr

_LOG_ROOT_TAU = 0.5 * np.log(2.0 * np.pi)


@dataclass(frozen=True, slots=True, eq=False)
class Anchors:
    """Where the classes were: k independent normal features in each; class 1 is fraud.

    mean, sd: (2, k)
    prior:    share of frauds among the training rows
    """

    mean: Floats
    sd: Floats
    prior: float

    def moments(self) -> tuple[Floats, Floats]:
        """(k,) mean and sd of both classes together."""
        share = np.array([1.0 - self.prior, self.prior])
        mean = share @ self.mean
        return mean, np.sqrt(share @ (self.sd**2 + (self.mean - mean) ** 2))

    def log_densities(self, values: Floats) -> Floats:
        """(n, 2) of numeric features (n, k); a missing value (NaN) counts for nothing."""
        z = (values[:, None, :] - self.mean) / self.sd
        of_features = -0.5 * z**2 - np.log(self.sd) - _LOG_ROOT_TAU
        return np.where(np.isnan(of_features), 0.0, of_features).sum(axis=2)

    def log_likelihoods(self, values: Floats, prior: float) -> Floats:
        """(n,) log density of rows (n, k) under this share of frauds, in (0, 1)."""
        densities = self.log_densities(values)
        return np.logaddexp(densities[:, 0] + np.log1p(-prior), densities[:, 1] + np.log(prior))

    def log_odds(self, values: Floats) -> Floats:
        """(n,) log-odds of fraud of rows (n, k)."""
        densities = self.log_densities(values)
        return densities[:, 1] - densities[:, 0] + np.log(self.prior / (1.0 - self.prior))

    def drawn(self, rows: int, prior: float) -> Floats:
        """Rows (rows, k) of both classes under this share of frauds, the same at each call."""
        rng = np.random.default_rng(0)
        kind = (rng.random(rows) < prior).astype(np.int64)
        noise = rng.standard_normal((rows, self.mean.shape[1]))
        return self.mean[kind] + self.sd[kind] * noise

    def worst_distance(self, values: Floats, prior: float) -> float:
        """Largest K-S distance of a feature of values (n, k) from both classes, in [0, 1]."""
        share = np.array([1.0 - prior, prior])
        distances = [0.0]
        for column, mean, sd in zip(values.T, self.mean.T, self.sd.T, strict=True):
            ordered = np.sort(column[~np.isnan(column)])
            expected = _normal_cdf((ordered[:, None] - mean) / sd) @ share
            ranks = (np.arange(len(ordered)) + 0.5) / max(len(ordered), 1)
            distances.append(float(np.abs(expected - ranks).max(initial=0.0)))
        return max(distances)

    def furthest_chance(self, values: Floats) -> float:
        """Chance that one of the values (n, k) lies as far from the nearer class as one does.

        1 where there is none.
        """
        z = np.abs((values[:, None, :] - self.mean) / self.sd).min(axis=1)
        furthest = float(np.nanmax(z, initial=0.0))
        return 1.0 if not z.size else min(1.0, 2.0 * z.size * float(np.exp(log_ndtr(-furthest))))


@lru_cache(maxsize=4)
def anchors_of(model: Model) -> Anchors | None:
    """The anchors of a model's numeric features; None where the training rows are not normal.

    Also None for a model without a numeric feature, and where values were missing in training.
    """
    reference, numeric = model.reference, model.schema.numeric
    if not len(numeric) or (reference.missing[:, numeric] > 0.0).any():
        return None
    if reference.distinct.min() < _FEWEST or not (reference.class_sd > 0.0).all():
        return None
    if not _are_normal(reference) or not _are_independent(reference):
        return None
    return Anchors(reference.class_mean, reference.class_sd, reference.prior)


@lru_cache(maxsize=64)
def expected_log_likelihood(anchors: Anchors, prior: float) -> tuple[float, float]:
    """Mean and sd of `log_likelihoods` of rows that come from the anchors under this prior."""
    found = anchors.log_likelihoods(anchors.drawn(_DRAWN, prior), prior)
    return float(found.mean()), float(found.std())


def _are_normal(reference: Reference) -> bool:
    """Each feature of each class, in its middle and at its ends."""
    z = (reference.quantiles - reference.class_mean[..., None]) / reference.class_sd[..., None]
    steps = np.linspace(0.0, 1.0, z.shape[2])
    distance = np.abs(_normal_cdf(z) - steps).max(axis=2)  # (2, k)
    rows = reference.distinct.astype(np.float64)[:, None]
    furthest = np.maximum(-z[:, :, 0], z[:, :, -1])
    chance = 2.0 * rows * np.exp(log_ndtr(-furthest))
    return bool((distance * np.sqrt(rows) < _SHAPE).all() and (chance > _TAIL).all())


def _are_independent(reference: Reference) -> bool:
    """No two features of a class go together."""
    off = ~np.eye(reference.correlation.shape[1], dtype=np.bool_)
    for kind, rows in enumerate(reference.distinct.tolist()):
        limit = max(_CORRELATED / sqrt(rows), _LARGEST_CORRELATION)
        if not (np.abs(reference.correlation[kind][off]) < limit).all():
            return False
    return True
