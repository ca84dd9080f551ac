"""Drifts of a regime: each takes a regime and gives the one that follows it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from producer.regimes import V12, V14, Regime
from producer.rows import Floats


def everyone(regime: Regime, d: float) -> Regime:
    """V14 falls by `d` in both classes: covariate drift, an input alignment undoes it."""
    return affine(regime, 1.0, _at(regime, V14, -d))


def legit_only(regime: Regime, d: float) -> Regime:
    """V14 falls by `d` in the legitimate class alone, at 2.2 onto the fraud class.

    Where no other feature tells (G1) no model can then do better than "all legitimate".
    """
    return replace(regime, mu0=regime.mu0 + _at(regime, V14, -d))


def affine(regime: Regime, a: float | Floats, b: float | Floats) -> Regime:
    """Every feature of every row becomes a·x + b; `a` and `b` are numbers or (features,).

    An `a` of 0 would erase a feature: ValueError.
    """
    if np.any(np.asarray(a) == 0.0):
        raise ValueError("affine: a scale is 0, must not be, as that erases the feature")
    return replace(
        regime,
        mu0=a * regime.mu0 + b,
        sd0=np.abs(a) * regime.sd0,
        mu1=a * regime.mu1 + b,
        sd1=np.abs(a) * regime.sd1,
    )


def sign_flips(regime: Regime, features: Sequence[int]) -> Regime:
    """The given features change their sign in both classes, as after a change of convention."""
    a = np.ones(regime.mu0.shape[-1])
    a[list(features)] = -1.0
    return affine(regime, a, 0.0)


def prior(regime: Regime, p: float) -> Regime:
    """P(fraud) becomes `p` in (0, 1); each class keeps its distribution. Else ValueError."""
    if not 0.0 < p < 1.0:
        raise ValueError(f"prior: {p} is not a probability, must be between 0 and 1")
    return replace(regime, pi=p)


def flip(regime: Regime) -> Regime:
    """Fraud crosses to the other side: V14 of the fraud class changes its sign (-2.5 to +2.5)."""
    mu1 = regime.mu1.copy()
    mu1[V14] = -mu1[V14]
    return replace(regime, mu1=mu1)


def concept(regime: Regime, roles: tuple[int, int] = (V12, V14)) -> Regime:
    """The relation moves and the inputs do not: p(x) stays exactly what it was.

    Rows are drawn as before; their labels are drawn anew, with the probability that the old
    regime gives to the row after its V12 and V14 have exchanged ranks. So what was read from a
    low V14 must now be read from a low V12, and no statistic of the inputs can show it. Where the
    two features are independent of the others (G1), P(fraud) stays exactly what it was as well.
    """
    return replace(regime, roles=roles)


def _at(regime: Regime, feature: int, value: float) -> Floats:
    shift = np.zeros(regime.mu0.shape[-1])
    shift[feature] = value
    return shift
