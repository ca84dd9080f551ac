"""Calibrated probabilities: what a score means, and how well that is known.

P(fraud) = sigmoid(scale logit + shift), fitted by Newton's method around a prior belief: that of
the model's own calibration rows, which labels of the serving version move. Two numbers, rather
than isotonic regression, since a version has a few dozen labels at first. Sources: Platt 1999,
"Probabilistic outputs for support vector machines"; Guo et al. 2017, "On calibration of modern
neural networks"; the covariance is Laplace's.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from selfheal.drift.mixture import Floats
from selfheal.model.model import Model
from selfheal.model.probability import sigmoid

LOGIT_RANGE = 12.0
"""Logits are kept within this: beyond it they say nothing more."""

_VAGUE = np.diag([1.0, 1.0])
"""Covariance of scale and shift before anything is known."""

_ADAPTED = np.diag([0.1, 0.2]) ** 2
"""Of a version that is not the model alone: what an alignment or a correction leaves open."""

_STEPS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What is known of scale and shift.

    covariance: (2, 2) float64, of both
    labels:     of the serving version that it learned from; 0 where it is the model's own
    """

    scale: float
    shift: float
    covariance: Floats
    labels: int = 0

    def belief(self, logit: Floats) -> "Belief":
        """What it makes of logits (n,)."""
        probability = sigmoid(self.scale * _bounded(logit) + self.shift)
        slopes = (probability * (1.0 - probability))[:, None] * _design(logit)
        return Belief(probability, slopes, self.covariance)

    def taught(self, logit: Floats, label: Floats) -> "Calibration":
        """With what more labels say; the same for none. logit, label: (n,), label 0 or 1"""
        if not len(label):
            return self
        learned = _fitted(self, _design(logit), label, np.ones(len(label)))
        return Calibration(
            learned.scale, learned.shift, learned.covariance, self.labels + len(label)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Belief:
    """Probabilities of fraud, and how uncertain they are together.

    probability: (n,) float64
    slopes:      (n, 2), how far each moves with scale and with shift; covariance: (2, 2), of both
    """

    probability: Floats
    slopes: Floats
    covariance: Floats

    @staticmethod
    def certain(probability: Floats) -> "Belief":
        """Probabilities (n,) in which nothing is uncertain but the labels; labels, for that."""
        return Belief(probability, np.zeros((len(probability), 2)), np.zeros((2, 2)))


@lru_cache(maxsize=4)
def own_calibration(model: Model) -> Calibration:
    """That of the frozen backbone on its calibration rows, which it was not trained on."""
    reference = model.reference
    middle = 0.5 * (
        reference.logit_quantiles[:, 1:] + reference.logit_quantiles[:, :-1]
    )  # (2, 256)
    rows = np.repeat(reference.logit_rows / middle.shape[1], middle.shape[1])
    label = np.repeat([0.0, 1.0], middle.shape[1])
    return _fitted(Calibration(1.0, 0.0, _VAGUE), _design(middle.ravel()), label, rows)


def adapted_calibration(model: Model) -> Calibration:
    """That of an adapted version before it has labels: the backbone's, less certain."""
    own = own_calibration(model)
    return Calibration(own.scale, own.shift, own.covariance + _ADAPTED)


def _fitted(belief: Calibration, design: Floats, label: Floats, weight: Floats) -> Calibration:
    """The most plausible scale and shift, by Newton steps that are halved as needed."""
    start = np.array([belief.scale, belief.shift])
    precision = _inverse(belief.covariance)
    found: Floats = start
    loss = _loss(design, label, weight, precision, found - start, found)
    for _ in range(_STEPS):
        probability = sigmoid(design @ found)
        gradient = design.T @ (weight * (probability - label)) + precision @ (found - start)
        step: Floats = _inverse(_curvature(design, weight, found) + precision) @ gradient
        size = 1.0
        while size > 1e-6:
            following = found - size * step
            lower = _loss(design, label, weight, precision, following - start, following)
            if lower <= loss:
                found, loss = following, lower
                break
            size /= 2.0
        if np.abs(size * step).max() < 1e-8:
            break
    covariance = _inverse(_curvature(design, weight, found) + precision)
    return Calibration(float(found[0]), float(found[1]), covariance)


def _loss(
    design: Floats, label: Floats, weight: Floats, precision: Floats, away: Floats, found: Floats
) -> float:
    logit = design @ found
    fit = (weight * (np.logaddexp(0.0, logit) - label * logit)).sum()
    return float(fit + 0.5 * away @ precision @ away)


def _curvature(design: Floats, weight: Floats, found: Floats) -> Floats:
    probability = sigmoid(design @ found)
    return (design * (weight * probability * (1.0 - probability))[:, None]).T @ design


def _inverse(matrix: Floats) -> Floats:
    return np.linalg.inv(matrix).astype(np.float64)


def _design(logit: Floats) -> Floats:
    return np.column_stack([_bounded(logit), np.ones(len(logit))])


def _bounded(logit: Floats) -> Floats:
    return np.clip(np.asarray(logit, dtype=np.float64), -LOGIT_RANGE, LOGIT_RANGE)
