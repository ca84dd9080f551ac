"""Drifts of card traffic: each takes a portfolio and gives the one that follows it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import expit

from producer.cards import CAMPAIGN, LATENTS
from producer.portfolio import Portfolio, Relation
from producer.realistic import Traffic, draw_evidence
from producer.rows import Floats

_CALIBRATION_SEED = 2_026
_CALIBRATION_ROWS = 12_000


def scaled(portfolio: Portfolio, feature: str, factor: float) -> Portfolio:
    """One numeric feature times `factor`: a changed unit (100), inflation (1.5)."""
    scale = np.ones(len(portfolio.conditions.scale))
    scale[portfolio.schema.names.index(feature)] = factor
    return _mapped(portfolio, scale, np.zeros(len(scale)))


def random_affine(portfolio: Portfolio, rng: np.random.Generator, share: float = 1.0) -> Portfolio:
    """A random affine map on a random `share` of the numeric features, in (0, 1].

    Each becomes a·x + b, a = exp U(-0.4, 0.4), b = U(-2, 2) times the feature's interquartile
    range over 1.35, which is the deviation of a Gaussian with that range.
    """
    numerics = len(portfolio.conditions.scale)
    chosen = rng.permutation(numerics) < round(share * numerics)
    a = np.exp(rng.uniform(-0.4, 0.4, numerics))
    b = rng.uniform(-2.0, 2.0, numerics) * _spread(portfolio)
    return _mapped(portfolio, np.where(chosen, a, 1.0), np.where(chosen, b, 0.0))


def fraud_share(portfolio: Portfolio, p: float) -> Portfolio:
    """The share of fraud becomes `p`, in (0, 1); each class keeps its groups. Else ValueError."""
    if not 0.0 < p < 1.0:
        raise ValueError(f"fraud share: {p} is not a probability, must be between 0 and 1")
    weights, is_fraud = portfolio.conditions.weights.copy(), portfolio.is_fraud
    weights[is_fraud] *= p / weights[is_fraud].sum()
    weights[~is_fraud] *= (1 - p) / weights[~is_fraud].sum()
    return replace(portfolio, conditions=replace(portfolio.conditions, weights=weights))


def one_class_moved(
    portfolio: Portfolio, features: Sequence[str], d: float, is_fraud: bool
) -> Portfolio:
    """The latents of `features` move by `d` in one class alone: its own behaviour changes."""
    means = portfolio.conditions.means.copy()
    columns = [LATENTS.index(feature) for feature in features]
    means[np.ix_(portfolio.is_fraud == is_fraud, columns)] += d
    return replace(portfolio, conditions=replace(portfolio.conditions, means=means))


def campaign(portfolio: Portfolio, share: float) -> Portfolio:
    """A kind of fraud that was never seen before makes up `share` of all transactions."""
    weights = portfolio.conditions.weights * (1 - share)
    weights[CAMPAIGN] += share
    return replace(portfolio, conditions=replace(portfolio.conditions, weights=weights))


def new_category(portfolio: Portfolio, feature: str, share: float) -> Portfolio:
    """A level that the schema does not know takes `share` of a categorical, in every group."""
    names = portfolio.schema.names
    column = names.index(feature) - len(portfolio.schema.numeric)
    levels = list(portfolio.levels)
    levels[column] = levels[column] * (1 - share)
    levels[column][:, -1] += share
    return replace(portfolio, levels=tuple(levels))


def rotated(
    portfolio: Portfolio,
    angle: float,
    plane: tuple[str, str] = ("device_score", "balance_change"),
) -> Portfolio:
    """The relation turns and the inputs do not: p(x) stays exactly what it was.

    Labels are drawn with the log-odds that the portfolio gives to the row after two latents were
    turned into each other by `angle`, in (0, π], plus an intercept that keeps the share of fraud
    (to the error of a calibration on 12,000 rows). At π/2 the second says what the first did.
    """
    first, second = (LATENTS.index(name) for name in plane)
    angles = np.linspace(0.0, angle, 9)
    unset = Relation((first, second), angles, np.zeros(9))
    intercepts = [_intercept(replace(portfolio, relation=unset), a) for a in angles]
    return replace(
        portfolio,
        relation=replace(unset, intercepts=np.array(intercepts)),
        conditions=replace(portfolio.conditions, angle=np.array(angle)),
    )


def _intercept(portfolio: Portfolio, angle: float) -> float:
    """What added to the log-odds at this angle keeps the share of fraud, by bisection."""
    conditions = replace(portfolio.conditions, angle=np.array(angle))
    rng = np.random.default_rng(_CALIBRATION_SEED)
    _, _, log_odds = draw_evidence(portfolio, conditions, rng, np.arange(_CALIBRATION_ROWS))
    weights = portfolio.conditions.weights
    share = weights[portfolio.is_fraud].sum() / weights.sum()
    low, high = -30.0, 30.0
    for _ in range(60):
        middle = (low + high) / 2
        is_low = expit(log_odds + middle).mean() < share
        low, high = (middle, high) if is_low else (low, middle)
    return (low + high) / 2


def _mapped(portfolio: Portfolio, a: Floats, b: Floats) -> Portfolio:
    """The portfolio whose raw numeric values x are a·x + b, after what moved them before."""
    conditions = portfolio.conditions
    moved = replace(conditions, scale=a * conditions.scale, shift=a * conditions.shift + b)
    return replace(portfolio, conditions=moved)


def _spread(portfolio: Portfolio) -> Floats:
    """(numerics,) interquartile range over 1.35 of each raw numeric feature."""
    rng = np.random.default_rng(_CALIBRATION_SEED)
    rows = Traffic(portfolio).draw(rng, np.arange(_CALIBRATION_ROWS), np.zeros(_CALIBRATION_ROWS))
    low, high = np.nanquantile(rows.values[:, portfolio.schema.numeric], [0.25, 0.75], axis=0)
    return (high - low) / 1.35
