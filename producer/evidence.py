"""What a row of a portfolio tells about fraud to one who knows the portfolio."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from producer.portfolio import Conditions, Portfolio
from producer.rows import Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class Traits:
    """What a row is before it is observed.

    latents: (n, latents); levels: (n, categoricals) codes; is_missing: (n, features)
    """

    latents: Floats
    levels: Integers
    is_missing: NDArray[np.bool_]


def fraud_log_odds(
    portfolio: Portfolio, conditions: Conditions, weights: Floats, traits: Traits
) -> Floats:
    """(n,) log-odds of fraud for each row; `weights` (n, groups) are those of its hour."""
    relation = portfolio.relation
    if relation is None:
        return _log_odds(portfolio, conditions, weights, traits, traits.latents)
    turned = _turn(traits.latents, relation.plane, conditions.angle)
    intercept = np.interp(conditions.angle, relation.angles, relation.intercepts)
    return intercept + _log_odds(portfolio, conditions, weights, traits, turned)


def _log_odds(
    portfolio: Portfolio, conditions: Conditions, weights: Floats, traits: Traits, latents: Floats
) -> Floats:
    with np.errstate(divide="ignore"):  # a group of weight 0 has a log of -inf, as it should
        joint = np.log(weights) + _log_student(portfolio, conditions.means, latents)
    joint += _log_categories(portfolio, traits.levels)
    joint += _log_missing(portfolio, traits.is_missing)  # (n, groups)
    is_fraud = portfolio.is_fraud
    return logsumexp(joint[:, is_fraud], axis=1) - logsumexp(joint[:, ~is_fraud], axis=1)


def _log_student(portfolio: Portfolio, means: Floats, latents: Floats) -> Floats:
    """(n, groups) log-density of the multivariate Student distribution, up to a constant."""
    loadings = portfolio.loadings
    covariance = loadings @ loadings.T + np.diag(1 - (loadings**2).sum(axis=1))
    whitening = np.linalg.inv(np.linalg.cholesky(covariance)).T
    distance = ((latents[:, None, :] - means) @ whitening) ** 2  # (n, groups, latents)
    degrees = portfolio.tail + latents.shape[1]
    return -0.5 * degrees * np.log1p(distance.sum(axis=2) / portfolio.tail)


def _log_categories(portfolio: Portfolio, levels: Integers) -> Floats:
    """(n, groups) log-probability of each row's categories."""
    total = np.zeros((len(levels), len(portfolio.groups)))
    with np.errstate(divide="ignore"):
        for column, table in enumerate(portfolio.levels):
            total += np.log(table).T[levels[:, column]]
    return total


def _log_missing(portfolio: Portfolio, is_missing: NDArray[np.bool_]) -> Floats:
    """(n, groups) log-probability of what is missing in each row."""
    can_miss = (portfolio.missing > 0).any(axis=0)
    share = np.clip(portfolio.missing[:, can_miss], 1e-9, 1 - 1e-9)
    gaps = is_missing[:, can_miss].astype(np.float64)
    return gaps @ np.log(share).T + (1 - gaps) @ np.log1p(-share).T


def _turn(latents: Floats, plane: tuple[int, int], angle: NDArray[np.float64]) -> Floats:
    """The latents with two of them turned into each other by `angle`, () or (n,) radians."""
    first, second = plane
    turned = latents.copy()
    turned[:, first] = np.cos(angle) * latents[:, first] + np.sin(angle) * latents[:, second]
    turned[:, second] = np.cos(angle) * latents[:, second] - np.sin(angle) * latents[:, first]
    return turned
