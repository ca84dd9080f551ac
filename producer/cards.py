"""A bank's card traffic: the portfolio from which the realistic scenarios start."""

from dataclasses import replace

import numpy as np

from producer.errors import ScenarioError
from producer.portfolio import Conditions, Group, Portfolio
from producer.rows import Floats
from producer.shapes import Shape
from selfheal.model.schema import Categorical, Numeric, Schema

SHAPES = (
    Shape("amount", "skewed", unit=45.0, spread=1.0, floor=12.0),
    Shape("spend_ratio", "skewed", spread=0.7),
    Shape("transactions_24h", "skewed", unit=2.0, spread=0.8, is_whole=True),
    Shape("minutes_since_last", "heavy", unit=240.0, spread=0.9, floor=-240.0),
    Shape("distance_km", "skewed", unit=6.0, spread=1.0, floor=4.0),
    Shape("account_age_days", "skewed", unit=700.0, spread=0.5, is_whole=True),
    Shape("device_score"),
    Shape("merchant_risk", "bounded"),
    Shape("balance_change", "heavy", unit=80.0, spread=1.1),
    Shape("login_failures", "skewed", unit=0.5, spread=0.9, is_whole=True),
)
LATENTS = tuple(shape.name for shape in SHAPES)

GROUPS = (
    Group("everyday", is_fraud=False, peak=0.6, depth=0.6),
    Group("business", is_fraud=False, peak=0.45, depth=0.8),
    Group("subscription", is_fraud=False),
    Group("card testing", is_fraud=True, peak=0.2, depth=0.5),
    Group("takeover", is_fraud=True, peak=0.9, depth=0.3),
    Group("campaign", is_fraud=True),
)
CAMPAIGN = 5
_LEGIT_SHARES = 0.78, 0.17, 0.05
_FRAUD_SHARES = 0.45, 0.55, 0.0

_MEANS = np.array(
    [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [1.2, 0.3, 0.6, -0.4, 1.3, 0.5, 0.2, 0.1, 0.3, 0.0],
        [-0.6, -0.5, -0.8, 1.0, -1.0, 0.8, 0.4, -0.6, -0.2, -0.6],
        [-1.6, -1.0, 2.2, -1.8, 0.3, -0.7, -2.2, 0.9, 0.0, 0.8],
        [1.3, 1.6, 0.5, -0.5, 1.6, -0.4, -2.6, 1.2, 0.0, 1.2],
        [0.4, 0.8, 1.0, -0.6, -0.8, 0.6, 0.6, 1.8, -0.3, -0.4],
    ]
)
"""(groups, latents) in the order of GROUPS and SHAPES."""

_LOADINGS = np.array(
    [
        [0.7, 0.0, 0.2],
        [0.6, 0.0, 0.0],
        [0.0, 0.6, 0.0],
        [0.0, -0.7, 0.0],
        [0.4, 0.0, 0.3],
        [0.0, -0.2, 0.4],
        [0.0, 0.0, 0.5],
        [0.2, 0.0, -0.4],
        [-0.5, 0.0, 0.0],
        [0.0, 0.3, -0.3],
    ]
)
"""(latents, factors): spending, haste, standing of the customer."""

_CATEGORIES = (
    Categorical(
        "merchant",
        ("grocery", "fuel", "restaurant", "travel", "electronics", "fashion", "gaming", "gifts"),
    ),
    Categorical("channel", ("chip", "contactless", "web", "phone")),
    Categorical("country", ("DE", "FR", "NL", "PL", "IT", "US")),
)
CARD_SCHEMA = Schema((*(Numeric(n) for n in LATENTS), Numeric("hour"), *_CATEGORIES))

_SHARES = (
    (
        (0.34, 0.14, 0.17, 0.05, 0.08, 0.12, 0.06, 0.04),
        (0.05, 0.20, 0.25, 0.32, 0.10, 0.03, 0.01, 0.04),
        (0.02, 0.01, 0.02, 0.05, 0.15, 0.10, 0.60, 0.05),
        (0.05, 0.10, 0.05, 0.05, 0.10, 0.10, 0.40, 0.15),
        (0.03, 0.02, 0.03, 0.25, 0.37, 0.15, 0.05, 0.10),
        (0.01, 0.01, 0.01, 0.02, 0.05, 0.05, 0.15, 0.70),
    ),
    (
        (0.30, 0.40, 0.25, 0.05),
        (0.45, 0.15, 0.30, 0.10),
        (0.01, 0.01, 0.97, 0.01),
        (0.02, 0.03, 0.90, 0.05),
        (0.10, 0.10, 0.60, 0.20),
        (0.02, 0.28, 0.65, 0.05),
    ),
    (
        (0.82, 0.05, 0.05, 0.04, 0.03, 0.01),
        (0.55, 0.15, 0.12, 0.06, 0.06, 0.06),
        (0.60, 0.02, 0.20, 0.01, 0.02, 0.15),
        (0.40, 0.10, 0.10, 0.10, 0.10, 0.20),
        (0.45, 0.10, 0.05, 0.15, 0.10, 0.15),
        (0.70, 0.10, 0.10, 0.04, 0.04, 0.02),
    ),
)
"""For each categorical, (groups, levels) shares."""

_MISSING = {"device_score": 0.08, "account_age_days": 0.02, "merchant": 0.01, "country": 0.03}
_MISSING_IN_FRAUD = 2.0
"""Fraud hides: what may be missing is missing this many times as often."""


def card_portfolio(fraud_rate: float = 0.02, structure: int = 0) -> Portfolio:
    """A bank's traffic with this share of fraud, in (0, 0.5).

    structure: 0 for the one that the tables above describe; any other number varies where the
               groups lie, how features correlate and how heavy their tails are, so that nothing
               can be tuned to one bank
    Raises ScenarioError for a share out of range.
    """
    if not 0.0 < fraud_rate < 0.5:
        raise ScenarioError(f"card portfolio: fraud_rate is {fraud_rate:g}, must be in (0, 0.5)")
    legit = np.array(_LEGIT_SHARES) * (1 - fraud_rate)
    numerics = len(CARD_SCHEMA.numeric)
    portfolio = Portfolio(
        schema=CARD_SCHEMA,
        groups=GROUPS,
        shapes=SHAPES,
        loadings=_LOADINGS,
        tail=5.0,
        levels=tuple(_with_unknown_level(np.array(shares)) for shares in _SHARES),
        missing=_missing(),
        rows_per_day=12_000,
        conditions=Conditions(
            weights=np.concatenate([legit, np.array(_FRAUD_SHARES) * fraud_rate]),
            means=_MEANS,
            scale=np.ones(numerics),
            shift=np.zeros(numerics),
            angle=np.array(0.0),
        ),
    )
    return portfolio if structure == 0 else _varied(portfolio, np.random.default_rng(structure))


def _with_unknown_level(shares: Floats) -> Floats:
    return np.hstack([shares, np.zeros((len(shares), 1))])


def _missing() -> Floats:
    """(groups, features) probabilities."""
    share = np.array([_MISSING.get(name, 0.0) for name in CARD_SCHEMA.names])
    times = np.array([_MISSING_IN_FRAUD if group.is_fraud else 1.0 for group in GROUPS])
    return times[:, None] * share


def _varied(portfolio: Portfolio, rng: np.random.Generator) -> Portfolio:
    """The portfolio with other places of the groups, other correlations and other tails."""
    means = portfolio.conditions.means
    moved = means * rng.uniform(0.7, 1.2, means.shape) + rng.normal(0.0, 0.15, means.shape)
    turned = portfolio.loadings @ np.linalg.qr(rng.standard_normal((3, 3))).Q
    signs = rng.choice([-1.0, 1.0], size=(len(turned), 1), p=[0.3, 0.7])
    return replace(
        portfolio,
        loadings=turned * signs * rng.uniform(0.5, 1.1, (len(turned), 1)),
        tail=float(rng.choice([3.0, 4.0, 6.0, 12.0])),
        conditions=replace(portfolio.conditions, means=moved),
    )
