"""Maps that bring values which occur often exactly onto values that should.

Counts, codes, zeros of an amount that is often nothing: a map that misses such a value by a hair
moves all of its rows to one side of it, and no search by small steps finds the one that hits it.
"""

from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from selfheal.drift.mixture import Mixture

SMALLEST = 0.02
"""Share of the rows from which a value counts as one that occurs often."""

_MOST = 5
"""Values of each side that are tried, the most frequent ones."""

_NEAREST = 2
"""Values of the reference that each may have been, by rank."""


def maps_onto_masses(
    points: NDArray[np.float64], ranks: NDArray[np.float64], reference: Mixture
) -> list[tuple[float, float]]:
    """Candidates (scale, shift), scale > 0; none where no value occurs often on both sides.

    points: (m,) ascending values of the rows, evenly spaced in rank; ranks: (m,), ties sharing one
    """
    found, middles = reference.masses(SMALLEST)
    values, counts = np.unique(points, return_counts=True)
    often = np.argsort(-counts)[:_MOST]
    often = often[counts[often] >= max(2.0, SMALLEST * len(points))]
    if not len(found) or not len(often):
        return []
    goals = {
        float(value): found[np.argsort(np.abs(middles - _rank(points, ranks, value)))[:_NEAREST]]
        for value in values[often]
    }
    pairs = [
        (value, other, goal, other_goal)
        for value, other in combinations(goals, 2)
        for goal, other_goal in product(goals[value], goals[other])
    ]
    slopes = [
        ((other_goal - goal) / (other - value), value, goal)
        for value, other, goal, other_goal in pairs
    ]
    slopes += [(_slope(points, ranks, reference), v, goal) for v in goals for goal in goals[v]]
    return [(float(a), float(goal - a * value)) for a, value, goal in slopes if a > 0.0]


def _rank(points: NDArray[np.float64], ranks: NDArray[np.float64], value: float) -> float:
    return float(ranks[np.searchsorted(points, value)])


def _slope(points: NDArray[np.float64], ranks: NDArray[np.float64], reference: Mixture) -> float:
    """Ratio of the widths of both sides; 0 where the rows have none."""
    wanted = np.interp([0.1, 0.9], ranks, points)
    width = float(wanted[1] - wanted[0])
    low, high = reference.quantile(np.array([0.1, 0.9]))
    return float(high - low) / width if width > 0.0 else 0.0
