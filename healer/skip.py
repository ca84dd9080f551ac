"""A linear correction of the logit, logit' = scale logit + shift + x . skip, from labelled rows.

Ridge logistic regression around the network's own logit, by Newton's method; how strongly the
slopes are held near "no change" is chosen by the Laplace approximation of the evidence. Source:
MacKay 1992, "The evidence framework applied to classification networks". No held-out rows are
spent on the choice, so that a hundred labels are enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from selfheal.model.adapter import Output
from selfheal.model.probability import sigmoid

Floats: TypeAlias = NDArray[np.float64]

_LOGIT_UNIT = 3.0
"""A logit of this size counts like a feature of size one."""

_SHIFT_PRECISION = 0.01
PRECISIONS = tuple(product((0.3, 3.0, 30.0), (1.0, 4.0, 16.0, 64.0, 1e4)))
"""Of the scale and of the slopes: one pair is chosen."""

_STEPS = 25


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """weights: (2 + d,), of 1, the logit and the features; evidence: its logarithm"""

    weights: Floats
    evidence: float


def fit_skip(
    encoded: Floats,
    logit: Floats,
    label: Floats,
    precisions: Sequence[tuple[float, float]] = PRECISIONS,
) -> Output:
    """The correction that these rows make most plausible.

    encoded: (n, d) float64; logit: (n,) float64, of the network; label: (n,) of 0 and 1
    precisions: of the scale and of the slopes, that are tried
    No rows give the identity.
    """
    design = np.column_stack([np.ones(len(label)), logit / _LOGIT_UNIT, encoded])
    fits = [
        _newton(design, logit, label, _precisions(scale, skip, encoded.shape[1]))
        for scale, skip in precisions
    ]
    shift, scale, *skip = max(fits, key=lambda fit: fit.evidence).weights
    return Output(1.0 + float(scale) / _LOGIT_UNIT, float(shift), np.array(skip, np.float32))


def _precisions(scale: float, skip: float, features: int) -> Floats:
    return np.concatenate([[_SHIFT_PRECISION, scale], np.full(features, skip)])


def _newton(design: Floats, offset: Floats, label: Floats, precision: Floats) -> _Fit:
    """The most plausible weights under one prior, by Newton steps that are halved as needed."""
    weights = np.zeros(design.shape[1])
    loss = _loss(design, offset, label, precision, weights)
    for _ in range(_STEPS):
        gradient, hessian = _slopes(design, offset, label, precision, weights)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        following = _loss(design, offset, label, precision, weights - step)
        while following > loss + 1e-12 and size > 1e-4:
            size /= 2
            following = _loss(design, offset, label, precision, weights - size * step)
        weights, loss = weights - size * step, following
        if np.abs(size * step).max() < 1e-5:
            break
    _, hessian = _slopes(design, offset, label, precision, weights)
    log_volume = 0.5 * np.log(precision).sum() - 0.5 * np.linalg.slogdet(hessian)[1]
    return _Fit(weights, float(log_volume - loss))


def _loss(
    design: Floats, offset: Floats, label: Floats, precision: Floats, weights: Floats
) -> float:
    logit = offset + design @ weights
    fit = (np.logaddexp(0.0, logit) - label * logit).sum()
    return float(fit + 0.5 * (precision * weights**2).sum())


def _slopes(
    design: Floats, offset: Floats, label: Floats, precision: Floats, weights: Floats
) -> tuple[Floats, Floats]:
    probability = sigmoid(offset + design @ weights)
    gradient = design.T @ (probability - label) + precision * weights
    curvature = probability * (1.0 - probability)
    return gradient, (design * curvature[:, None]).T @ design + np.diag(precision)
