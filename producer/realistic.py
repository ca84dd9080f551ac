"""Rows that look like card traffic: heavy tails, skew, correlation, categories, gaps, days."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from producer.evidence import Traits, fraud_log_odds
from producer.portfolio import Conditions, Portfolio
from producer.rows import Floats, Integers, Rows


@dataclass(frozen=True, slots=True, eq=False)
class Traffic:
    """Transactions of a portfolio, or of one that turns into another.

    after: None where nothing moves; else the conditions move linearly from `before` to it, and
           what does not move smoothly (categories, gaps, relation) is of `after` from the start
    """

    before: Portfolio
    after: Portfolio | None = None

    def draw(self, rng: np.random.Generator, row: Integers, progress: Floats) -> Rows:
        """One transaction for each entry of `row`, which sets its time of the day.

        `probabilities` is P(fraud) to one who sees the latents, which rounding, zeros and gaps
        partly hide: a bound that no model on the raw values quite reaches.
        """
        if self.after is None:
            return _draw(self.before, self.before.conditions, rng, row)
        conditions = self.before.conditions.towards(self.after.conditions, progress)
        return _draw(self.after, conditions, rng, row)


def draw_evidence(
    portfolio: Portfolio, conditions: Conditions, rng: np.random.Generator, row: Integers
) -> tuple[Integers, Traits, Floats]:
    """Each row's group, what the row is, and its log-odds of fraud."""
    time_of_day = (row % portfolio.rows_per_day) / portfolio.rows_per_day
    weights = portfolio.weights_by_hour(conditions.weights, time_of_day)  # (n, groups)
    group = _pick(weights, rng.random(len(row)))
    traits = _draw_traits(portfolio, conditions, rng, group)
    return group, traits, fraud_log_odds(portfolio, conditions, weights, traits)


def _draw(
    portfolio: Portfolio, conditions: Conditions, rng: np.random.Generator, row: Integers
) -> Rows:
    group, traits, log_odds = draw_evidence(portfolio, conditions, rng, row)
    p = expit(log_odds)
    is_fraud = portfolio.is_fraud[group] if portfolio.relation is None else rng.random(len(p)) < p
    return Rows(_observe(portfolio, conditions, traits, row), is_fraud.astype(np.int8), p)


def _pick(probabilities: Floats, lot: Floats) -> Integers:
    """(n, choices) probabilities and (n,) uniform numbers -> (n,) choices."""
    below = (lot[:, None] >= probabilities.cumsum(axis=1)).sum(axis=1)
    return np.minimum(below, probabilities.shape[1] - 1)


def _draw_traits(
    portfolio: Portfolio, conditions: Conditions, rng: np.random.Generator, group: Integers
) -> Traits:
    n, (latents, factors) = len(group), portfolio.loadings.shape
    own = np.sqrt(1 - (portfolio.loadings**2).sum(axis=1))
    common = rng.standard_normal((n, factors)) @ portfolio.loadings.T
    noise = common + own * rng.standard_normal((n, latents))
    stretch = np.sqrt(portfolio.tail / rng.chisquare(portfolio.tail, n))
    means = conditions.means
    mean = means[group] if means.ndim == 2 else means[np.arange(n), group]  # (n, latents)
    codes = [_pick(table[group], rng.random(n)) for table in portfolio.levels]
    is_missing = rng.random((n, portfolio.missing.shape[1])) < portfolio.missing[group]
    return Traits(mean + stretch[:, None] * noise, np.stack(codes, axis=1), is_missing)


def _observe(portfolio: Portfolio, conditions: Conditions, traits: Traits, row: Integers) -> Floats:
    """(n, features) raw values: shapes, the hour, the drift's scale and shift, then gaps."""
    raw = [shape.of(z) for shape, z in zip(portfolio.shapes, traits.latents.T, strict=True)]
    hour = (row % portfolio.rows_per_day) * 24 // portfolio.rows_per_day
    numerics = np.column_stack([*raw, hour])
    moved = conditions.scale * numerics + conditions.shift
    values = np.hstack([moved, traits.levels.astype(np.float64)])
    values[traits.is_missing] = np.nan
    return values
