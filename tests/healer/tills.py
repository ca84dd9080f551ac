"""Tills of a shop: two numbers and a channel, which tells fraud apart better than either."""

from dataclasses import dataclass, replace

import numpy as np

from producer.rows import Rows
from selfheal.model.schema import Categorical, Numeric, Schema

SCHEMA = Schema((Numeric("amount"), Numeric("age"), Categorical("channel", ("web", "shop"))))

CHANNELS = ((0.1, 0.9, 0.0), (0.95, 0.05, 0.0))
RENAMED = ((0.0, 0.9, 0.1), (0.0, 0.05, 0.95))
"""What was the web comes under a name that the schema does not know."""


@dataclass(frozen=True)
class Tills:
    """A population.

    channels: for each class, shares of the levels, the unknown one last
    missing:  share of rows without an age, and without a channel
    prior:    share of frauds
    """

    channels: tuple[tuple[float, ...], ...] = CHANNELS
    missing: tuple[float, float] = (0.05, 0.02)
    prior: float = 0.15
    amount: float = 0.0

    def draw(self, rng, row, progress) -> Rows:
        labels = (rng.random(len(row)) < self.prior).astype(np.int8)
        numbers = rng.normal(size=(len(row), 2)) + np.outer(labels, (0.6, -0.5))
        lot, shares = rng.random(len(row)), np.array(self.channels).cumsum(axis=1)[labels]
        channel = (lot[:, None] >= shares).sum(axis=1)
        numbers[:, 0] += self.amount
        values = np.column_stack([numbers, channel])
        is_missing = rng.random((len(row), 2)) < self.missing
        values[:, 1:][is_missing] = np.nan
        return Rows(values, labels, np.full(len(row), np.nan))

    def but(self, **changes) -> "Tills":
        return replace(self, **changes)


def drawn(population: Tills, rows: int, seed: int) -> np.ndarray:
    return population.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows)).values
