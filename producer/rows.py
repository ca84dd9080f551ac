"""Rows of a stream as arrays, and what every generator of them can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

UNKNOWN_LABEL = -1


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Consecutive transactions of a stream, in the order in which they happen.

    values:        (n, features) float64, raw values in the schema's order: a number, the index
                   of a category's level (the number of levels for one that is not known), or NaN
                   where missing
    labels:        (n,) int8, 1 fraud, 0 legitimate, -1 not known
    probabilities: (n,) float64, P(fraud) to one who knows how the row was made: the best that any
                   model can know; NaN where nobody does
    """

    values: Floats
    labels: NDArray[np.int8]
    probabilities: Floats

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, chosen: slice | NDArray[np.bool_]) -> "Rows":
        """The chosen rows alone; a slice shares memory, a mask copies."""
        return Rows(self.values[chosen], self.labels[chosen], self.probabilities[chosen])


def join_rows(parts: Sequence[Rows]) -> Rows:
    """The parts one after the other. Raises ValueError when there is none."""
    if len(parts) == 1:
        return parts[0]
    return Rows(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
    )


class Truth(Protocol):
    """What is known of transactions beside what is sent: `labels` and `probabilities` of `Rows`."""

    @property
    def labels(self) -> NDArray[np.int8]:
        """(n,) 1 fraud, 0 legitimate, -1 not known."""
        ...

    @property
    def probabilities(self) -> Floats:
        """(n,) true P(fraud); NaN where nobody knows it."""
        ...


class Population(Protocol):
    """A source of transactions whose distribution is known."""

    def draw(self, rng: np.random.Generator, row: Integers, progress: Floats) -> Rows:
        """One transaction for each entry of `row`.

        row:      (n,) the places in the stream, from 0: what a daily cycle depends on
        progress: (n,) in [0, 1], how far each row is through its segment: what a ramp depends on
        """
        ...
