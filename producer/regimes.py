"""Regimes: two Gaussian classes whose distribution, and so whose best classifier, is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from producer.rows import Floats, Integers, Rows

FEATURES = ("V1", "V2", "V3", "V4", "V10", "V11", "V12", "V14", "V16", "V17")
"""Named as the principal components of the public card-fraud sets are: signed, near unit scale."""

V12 = FEATURES.index("V12")
V14 = FEATURES.index("V14")


@dataclass(frozen=True, slots=True, eq=False)
class Regime:
    """Both classes diagonal Gaussian: y ~ Bernoulli(pi), x ~ N(mu_y, sd_y²).

    mu0, sd0: (features,) of the legitimate class, or (n, features) where each row has its own
    mu1, sd1: the same of the fraud class; every sd > 0
    pi:       P(fraud) in (0, 1), or (n,) where each row has its own
    roles:    two features that have exchanged what they say about fraud, each at equal rank:
              x keeps its distribution, y does not follow its class any more, it is
              y ~ Bernoulli(P(fraud | x with the two exchanged))
    """

    mu0: Floats
    sd0: Floats
    mu1: Floats
    sd1: Floats
    pi: float | Floats
    roles: tuple[int, int] | None = None

    def draw(self, rng: np.random.Generator, row: Integers, progress: Floats) -> Rows:
        """One transaction for each entry of `row`; neither `row` nor `progress` changes it."""
        del progress
        shape = (len(row), self.mu0.shape[-1])
        is_fraud = rng.random(shape[0]) < self.pi
        noise = rng.standard_normal(shape)
        relabel = rng.random(shape[0])
        chosen = is_fraud[:, None]
        x = np.where(chosen, self.mu1, self.mu0) + np.where(chosen, self.sd1, self.sd0) * noise
        p = bayes_probability(self, x)
        labels = is_fraud if self.roles is None else relabel < p
        return Rows(x, labels.astype(np.int8), p)


def bayes_probability(regime: Regime, x: Floats) -> Floats:
    """P(fraud | x) in this regime: (n, features) -> (n,), what the best classifier would say."""
    read = _exchange_ranks(regime, x)
    z0 = (read - regime.mu0) / regime.sd0
    z1 = (read - regime.mu1) / regime.sd1
    evidence = 0.5 * (z0**2 - z1**2) + np.log(regime.sd0) - np.log(regime.sd1)
    prior = np.asarray(regime.pi, dtype=np.float64)
    total: Floats = evidence.sum(axis=1)
    return expit(logit(prior) + total)


def _exchange_ranks(regime: Regime, x: Floats) -> Floats:
    """`x` with the two features of `roles` exchanged, each at the rank that the other had."""
    if regime.roles is None:
        return x
    first, second = regime.roles
    exchanged = x.copy()
    exchanged[:, first] = _quantile(regime, first, _rank(regime, second, x[:, second]))
    exchanged[:, second] = _quantile(regime, second, _rank(regime, first, x[:, first]))
    return exchanged


def _rank(regime: Regime, feature: int, x: Floats) -> Floats:
    """P(X <= x) of one feature over both classes."""
    legit = ndtr((x - float(regime.mu0[feature])) / float(regime.sd0[feature]))
    fraud = ndtr((x - float(regime.mu1[feature])) / float(regime.sd1[feature]))
    return (1 - regime.pi) * legit + regime.pi * fraud


def _quantile(regime: Regime, feature: int, rank: Floats) -> Floats:
    """The inverse of `_rank`, by interpolation on a grid of 0.005 sd or finer."""
    mu = np.array([regime.mu0[feature], regime.mu1[feature]])
    reach = 8.0 * float(max(regime.sd0[feature], regime.sd1[feature]))
    grid = np.linspace(float(mu.min()) - reach, float(mu.max()) + reach, 8001)
    return np.interp(rank, _rank(regime, feature, grid), grid)


@dataclass(frozen=True, slots=True, eq=False)
class RegimeRamp:
    """A gradual drift: means, deviations and prior move linearly from one regime to another.

    Neither regime may have exchanged roles, since a half exchanged role has no meaning: ValueError.
    """

    before: Regime
    after: Regime

    def __post_init__(self) -> None:
        if self.before.roles is not None or self.after.roles is not None:
            raise ValueError("a ramp is between regimes without exchanged roles, one has them")

    def draw(self, rng: np.random.Generator, row: Integers, progress: Floats) -> Rows:
        """One transaction for each entry of `row`, in the regime that `progress` has reached."""
        share = progress[:, None]
        return Regime(
            mu0=_between(self.before.mu0, self.after.mu0, share),
            sd0=_between(self.before.sd0, self.after.sd0, share),
            mu1=_between(self.before.mu1, self.after.mu1, share),
            sd1=_between(self.before.sd1, self.after.sd1, share),
            pi=_between(np.asarray(self.before.pi), np.asarray(self.after.pi), progress),
        ).draw(rng, row, progress)


def _between(before: NDArray[np.float64], after: NDArray[np.float64], share: Floats) -> Floats:
    return (1.0 - share) * before + share * after


def article_regime() -> Regime:
    """G1: only V14 tells fraud apart; the other nine features are noise. 15 % fraud."""
    mu1 = np.zeros(len(FEATURES))
    sd1 = np.ones(len(FEATURES))
    mu1[V14], sd1[V14] = -2.5, 0.8
    return Regime(np.zeros(len(FEATURES)), np.ones(len(FEATURES)), mu1, sd1, 0.15)


def production_regime() -> Regime:
    """G2: as G1, and the first four features tell a little too, as features of real models do."""
    g1 = article_regime()
    mu1 = g1.mu1.copy()
    mu1[:4] = 0.6, -0.6, 0.5, -0.5
    return Regime(g1.mu0, g1.sd0, mu1, g1.sd1, g1.pi)


G1 = article_regime()
G2 = production_regime()
