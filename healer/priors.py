"""The share of frauds in unlabelled rows, from the scores of a model that knew another share.

Source: Saerens, Latinne, Decaestecker 2002, Neural Computation 14(1), 21-41. Right where only the
prior moved; under a shift of the features it must be asked after they were aligned.
"""

import numpy as np
from numpy.typing import NDArray

from selfheal.model.probability import sigmoid

_TINY = 1e-6


def estimate_prior(logit: NDArray[np.float64], trained_prior: float, steps: int = 200) -> float:
    """Share of frauds by expectation maximisation, in (0, 1).

    logit:         (n,) float64 of P(fraud) under `trained_prior`; nan for no rows
    trained_prior: share of frauds among the training rows, in (0, 1)
    """
    if not len(logit):
        return float("nan")
    prior = trained_prior
    for _ in range(steps):
        posterior = sigmoid(logit + prior_shift(prior, trained_prior))
        following = float(np.clip(posterior.mean(), _TINY, 1.0 - _TINY))
        if abs(following - prior) < 1e-6:
            return following
        prior = following
    return prior


def prior_shift(prior: float, trained_prior: float) -> float:
    """What to add to a logit when the share of frauds is `prior` instead.

    >>> prior_shift(0.15, 0.15)
    0.0
    """
    return _logit(prior) - _logit(trained_prior)


def _logit(probability: float) -> float:
    clipped = min(max(probability, _TINY), 1.0 - _TINY)
    return float(np.log(clipped / (1.0 - clipped)))
