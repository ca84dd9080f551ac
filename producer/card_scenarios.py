"""Scenarios on card traffic: one for each kind of drift that a bank meets."""

from collections.abc import Callable, Mapping

import numpy as np

from producer.card_drifts import (
    campaign,
    fraud_share,
    new_category,
    one_class_moved,
    random_affine,
    rotated,
    scaled,
)
from producer.cards import card_portfolio
from producer.portfolio import Portfolio
from producer.realistic import Traffic
from producer.stream import Segment

Plan = Callable[[Portfolio], tuple[Segment, ...]]


def _then(drift: Callable[[Portfolio], Portfolio]) -> Plan:
    """Clean, and drifted from one third on."""
    return lambda bank: (_clean(bank), Segment(1 / 3, Traffic(drift(bank))))


def _ramp(drift: Callable[[Portfolio], Portfolio], end: float) -> Plan:
    """Clean, moving from one third to `end`, and moved from there on."""
    return lambda bank: (
        _clean(bank),
        Segment(1 / 3, Traffic(bank, drift(bank))),
        *([Segment(end, Traffic(drift(bank)), is_onset=False)] if end < 1.0 else []),
    )


def _units_there_and_back(bank: Portfolio) -> tuple[Segment, ...]:
    moved = Traffic(_affine(0.5)(bank))
    return (
        _clean(bank),
        Segment(1 / 4, moved),
        Segment(1 / 2, Traffic(bank)),
        Segment(3 / 4, moved),
    )


def _fraud_up_and_down(bank: Portfolio) -> tuple[Segment, ...]:
    first = Traffic(fraud_share(bank, 0.05))
    return (
        Segment(0.0, first, is_onset=False),
        Segment(1 / 3, Traffic(fraud_share(bank, 0.20))),
        Segment(2 / 3, Traffic(fraud_share(bank, 0.01))),
    )


def _affine(share: float) -> Callable[[Portfolio], Portfolio]:
    return lambda bank: random_affine(bank, np.random.default_rng(14), share)


def _clean(bank: Portfolio) -> Segment:
    return Segment(0.0, Traffic(bank), is_onset=False)


CARD_PLANS: Mapping[str, tuple[str, Plan]] = {
    "cards-null": (
        "card traffic, nothing drifts",
        lambda bank: (_clean(bank),),
    ),
    "cards-unit": (
        "amounts come in cents instead of euros",
        _then(lambda bank: scaled(bank, "amount", 100.0)),
    ),
    "cards-inflation": (
        "amounts grow by half",
        _then(lambda bank: scaled(bank, "amount", 1.5)),
    ),
    "cards-affine-half": (
        "half of the numeric features are scaled and shifted",
        _then(_affine(0.5)),
    ),
    "cards-affine-all": (
        "all numeric features are scaled and shifted",
        _then(_affine(1.0)),
    ),
    "cards-ramp": (
        "half of the numeric features move slowly until two thirds",
        _ramp(_affine(0.5), end=2 / 3),
    ),
    "cards-recurring": (
        "half of the numeric features move, come back, and move again",
        _units_there_and_back,
    ),
    "cards-prior": (
        "fraud goes from 5 to 20 to 1 %",
        _fraud_up_and_down,
    ),
    "cards-legit": (
        "customers' own behaviour changes, fraud stays as it is",
        _then(lambda bank: one_class_moved(bank, ("amount", "distance_km"), 1.0, is_fraud=False)),
    ),
    "cards-new-merchants": (
        "a kind of merchant appears that the model does not know",
        _then(lambda bank: new_category(bank, "merchant", 0.25)),
    ),
    "cards-campaign": (
        "a kind of fraud appears that was never seen before",
        _then(lambda bank: campaign(bank, 0.02)),
    ),
    "cards-concept": (
        "another feature takes the part of the device score; the inputs look as before",
        _then(lambda bank: rotated(bank, np.pi / 2)),
    ),
    "cards-rotation": (
        "the same, slowly until the end",
        _ramp(lambda bank: rotated(bank, np.pi / 2), end=1.0),
    ),
}


def card_segments(plan: Plan, structure: int = 0, fraud_rate: float = 0.02) -> tuple[Segment, ...]:
    """The segments of a plan for the bank of this structure (see `card_portfolio`)."""
    return plan(card_portfolio(fraud_rate, structure))
