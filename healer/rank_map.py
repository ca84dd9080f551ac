"""Maps one feature back to its reference in the space of ranks.

Minimises the mean distance between the reference's distribution function of a x + b and the rank
of x. Ranks bound what an outlier can do, and no shape of distribution is assumed.
Source: minimum-distance estimation, Wolfowitz 1957; the distance and starts measured in
docs/log.md.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar

from healer.mass_maps import maps_onto_masses
from selfheal.drift.mixture import Mixture

_POINTS = 200
"""Quantiles of the sample that the fit looks at; more change the map by less than its error."""

_ADVANTAGE = 1.1
"""A map is preferred to a pure rescaling when it is better by this factor and `_SLACK`."""

_SLACK = 0.002

_PROBABILITIES = (0.1, 0.25, 0.5, 0.75, 0.9)

Distance: TypeAlias = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class RankMap:
    """x' = scale x + shift, and the mean distance in rank that is left, in [0, 0.5]."""

    scale: float
    shift: float
    distance: float


def fit_rank_map(values: NDArray[np.float64], reference: Mixture) -> RankMap:
    """The increasing affine map that brings the values to the reference.

    values: (n,) float64 without NaN, n >= 1. A pure change of unit about zero is preferred when it
    is nearly as good: inflation and currencies move nothing else.
    """
    spaced = (np.arange(min(len(values), _POINTS)) + 0.5) / min(len(values), _POINTS)
    points = np.quantile(values, spaced)
    ranks = _mid_ranks(points, spaced)

    def distance(scale: float, shift: float) -> float:
        off = np.abs(reference.mid_cdf(scale * points + shift) - ranks)
        return float(off.sum()) / len(ranks)

    maps = [RankMap(s, b, distance(s, b)) for s, b in _starts(points, ranks, reference)]
    starts = sorted(maps, key=lambda candidate: candidate.distance)[:2]
    step = 0.2 * _width(reference)
    refined = [_refined(start, distance, step) for start in starts]
    onto = maps_onto_masses(points, ranks, reference)
    exact = [RankMap(scale, shift, distance(scale, shift)) for scale, shift in onto]
    best = min((*exact, *refined), key=lambda m: m.distance)
    rescaled = _rescaled(points, ranks, reference, distance)
    nearly = best.distance * _ADVANTAGE + _SLACK
    return rescaled if rescaled is not None and rescaled.distance <= nearly else best


def _mid_ranks(points: NDArray[np.float64], ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Equal points share the middle of their ranks."""
    _, inverse, counts = np.unique(points, return_inverse=True, return_counts=True)
    return (np.bincount(inverse, ranks) / counts)[inverse]


def _starts(
    points: NDArray[np.float64], ranks: NDArray[np.float64], reference: Mixture
) -> list[tuple[float, float]]:
    """Identity, a pure shift of the median, and ratios of two pairs of quantiles."""
    probabilities = np.array(_PROBABILITIES)
    now = np.interp(probabilities, ranks, points)
    then = reference.quantile(probabilities)
    starts = [(1.0, 0.0), (1.0, then[2] - now[2])]
    for low, high in ((1, 3), (0, 4)):
        width = now[high] - now[low]
        if width > 0.0 and then[high] > then[low]:
            scale = (then[high] - then[low]) / width
            starts.append((scale, then[2] - scale * now[2]))
    return [(float(scale), float(shift)) for scale, shift in starts]


def _width(reference: Mixture) -> float:
    """A size in the feature's own unit: the distance of the reference's quartiles, 1 for none."""
    low, high = reference.quantile(np.array([0.25, 0.75]))
    return float(high - low) or 1.0


def _refined(start: RankMap, distance: Distance, step: float) -> RankMap:
    """Nelder-Mead from the start; the scale is searched by its logarithm and stays positive."""
    origin = np.array([np.log(start.scale), start.shift])
    simplex = origin + np.array([[0.0, 0.0], [0.1, 0.0], [0.0, step]])
    found = minimize(
        lambda p: distance(_scale(float(p[0])), float(p[1])),
        origin,
        method="Nelder-Mead",
        options={"maxfev": 120, "xatol": 1e-3, "fatol": 1e-5, "initial_simplex": simplex},
    )
    return RankMap(_scale(float(found.x[0])), float(found.x[1]), float(found.fun))


def _rescaled(
    points: NDArray[np.float64],
    ranks: NDArray[np.float64],
    reference: Mixture,
    distance: Distance,
) -> RankMap | None:
    """The best map without a shift; None where no ratio of sizes tells where to look."""
    now = float(np.quantile(np.abs(points), 0.75))
    then = float(np.quantile(np.abs(reference.quantile(ranks)), 0.75))
    if now <= 0.0 or then <= 0.0:
        return None
    centre = float(np.log(then / now))
    found: Any = minimize_scalar(
        lambda log_scale: distance(_scale(log_scale), 0.0),
        bounds=(centre - 1.0, centre + 1.0),
        method="bounded",
    )
    return RankMap(_scale(found.x), 0.0, float(found.fun))


def _scale(log_scale: float) -> float:
    return float(np.exp(min(max(log_scale, -50.0), 50.0)))
