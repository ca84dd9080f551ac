"""A portfolio: all that there is to know of a population that looks like card traffic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from producer.rows import Floats
from producer.shapes import Shape
from selfheal.model.schema import Schema

FRAUD_PEAK = 0.1
FRAUD_DEPTH = 0.5
"""At this time of the day fraud is half as common again as on average, and half as common later."""


@dataclass(frozen=True, slots=True)
class Group:
    """Transactions that are alike.

    peak:  time of the day, in [0, 1), at which it is most common within its class
    depth: by which share of its weight it grows then and shrinks half a day later, in [0, 1)
    """

    name: str
    is_fraud: bool
    peak: float = 0.5
    depth: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Conditions:
    """What can drift smoothly. Each array may have a leading axis: then each row has its own.

    weights: (groups,) share of each group, before the daily cycle
    means:   (groups, latents)
    scale:   (numerics,), shift: (numerics,): a raw numeric value x becomes scale·x + shift
    angle:   () radians by which the relation between latents and fraud is turned
    """

    weights: Floats
    means: Floats
    scale: Floats
    shift: Floats
    angle: NDArray[np.float64]

    def towards(self, other: "Conditions", share: Floats) -> "Conditions":
        """The conditions of each row, `share` (n,) of the way to `other`."""
        by_row = share[:, None]
        by_group = share[:, None, None]
        return Conditions(
            weights=(1 - by_row) * self.weights + by_row * other.weights,
            means=(1 - by_group) * self.means + by_group * other.means,
            scale=(1 - by_row) * self.scale + by_row * other.scale,
            shift=(1 - by_row) * self.shift + by_row * other.shift,
            angle=(1 - share) * self.angle + share * other.angle,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """How fraud is read from the latents once that is turned: y ~ Bernoulli(p(turned latents)).

    plane:      the two latents that are turned into each other
    angles:     (m,) a grid, growing from 0
    intercepts: (m,) added to the log-odds at each angle, so that the overall share of fraud stays
    """

    plane: tuple[int, int]
    angles: Floats
    intercepts: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """Every row comes from a group (everyday purchases, card testing, ...).

    The group sets where the row lies in a space of correlated, heavy-tailed latent values, which
    categories it has, what is missing, and at which time of the day it is common. The latents
    become raw values by their shapes; a drift's scale and shift come last.

    schema:       numeric features first: one for each latent, then the hour; then categoricals
    shapes:       one for each latent
    loadings:     (latents, factors) on common factors; the squares of a row sum to less than 1
    tail:         degrees of freedom of the latents' multivariate Student distribution, above 2
    levels:       for each categorical, (groups, levels + 1) probabilities; the last one is of a
                  level that the schema does not know
    missing:      (groups, features) probabilities
    rows_per_day: length of the daily cycle
    relation:     None where a row is fraud if its group is
    """

    schema: Schema
    groups: tuple[Group, ...]
    shapes: tuple[Shape, ...]
    loadings: Floats
    tail: float
    levels: tuple[Floats, ...]
    missing: Floats
    rows_per_day: int
    conditions: Conditions
    relation: Relation | None = None

    @property
    def is_fraud(self) -> NDArray[np.bool_]:
        """(groups,) whether each group is fraud."""
        return np.array([group.is_fraud for group in self.groups])

    def weights_by_hour(self, weights: Floats, time_of_day: Floats) -> Floats:
        """(n, groups) share of each group at each row's time of the day, in [0, 1).

        Over a day fraud has the share that `weights` give it; within each class groups follow
        their own cycles.
        """
        peak = np.array([group.peak for group in self.groups])
        depth = np.array([group.depth for group in self.groups])
        cycled = weights * (1 + depth * _cycle(time_of_day[:, None] - peak))
        total = weights[..., self.is_fraud].sum(axis=-1) / weights.sum(axis=-1)
        fraud = total * (1 + FRAUD_DEPTH * _cycle(time_of_day - FRAUD_PEAK))  # (n,)
        is_fraud = self.is_fraud.astype(np.float64)
        class_total = np.outer(cycled @ is_fraud, is_fraud)
        class_total += np.outer(cycled @ (1 - is_fraud), 1 - is_fraud)
        class_share = np.outer(fraud, is_fraud) + np.outer(1 - fraud, 1 - is_fraud)
        return cycled / class_total * class_share


def _cycle(time_of_day: Floats) -> Floats:
    """1 at time 0, -1 half a day later."""
    return np.cos(2 * np.pi * time_of_day)
