"""Label-free alignment: which features moved, the maps that bring them back, and the prior.

For each prior on a grid: a feature has moved when its ranks disagree with the class mixture of that
prior; moved features are mapped back in rank space; the prior that leaves the least to explain
wins. A move costs more than it explains by chance, so a change of the prior alone moves nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit

from healer.priors import estimate_prior, prior_shift
from healer.rank_map import fit_rank_map
from selfheal.drift.expected import Expected, distance_in_errors, expected
from selfheal.drift.mixture import Mixture
from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.model.model import Model

Floats: TypeAlias = NDArray[np.float64]
Logits: TypeAlias = Callable[[Floats], Floats]
"""The backbone's logit (n,) of raw values (n, f)."""

MOVED = 2.2
"""Distance, in standard errors, from which a feature has moved."""

VANISHED = 0.3
"""Share of the trained prior below which fraud has all but vanished."""

DECISIVE = 5.0
"""How much more an explanation without fraud must cost, squared standard errors."""

_MOVE_COST = 4.0
"""What a moved feature costs, in squared standard errors: a little less than MOVED squared."""

_PRIOR_COST = 4.0
"""What a prior other than the trained one costs, in the same unit."""

_BOTH_COST = 8.0
"""What it costs more where features have moved as well: on a ramp, a share that never moved
explains what the maps leave unexplained."""

_PRIOR_FACTORS = (1.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1.5, 2.2, 3.2, 4.5)
"""Priors that are tried, as multiples of the trained one; none above 0.9."""


@dataclass(frozen=True, slots=True, eq=False)
class AffineMap:
    """x' = scale x + shift on the k numeric features; scale and shift are float64 (k,)."""

    scale: Floats
    shift: Floats

    @staticmethod
    def identity(features: int) -> "AffineMap":
        """The map that changes nothing."""
        return AffineMap(np.ones(features), np.zeros(features))

    def apply(self, values: Floats, numeric: NDArray[np.int64]) -> Floats:
        """Raw values (n, f), a copy, with the numeric columns mapped."""
        mapped = values.copy()
        mapped[:, numeric] = values[:, numeric] * self.scale + self.shift
        return mapped


@dataclass(frozen=True, slots=True)
class Residual:
    """What a map and a prior leave unexplained of some rows.

    cost:  summed squared distances, in standard errors, the logit's counted twice
    worst: largest distance, in standard errors, the logit's included
    """

    cost: float
    worst: float


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """The best explanation of a window of unlabelled rows.

    moved:          (k,) bool, features that the map changes
    prior:          share of frauds that the features' distributions prefer
    score_prior:    share of frauds by the scores of the aligned rows (Saerens)
    is_prior_moved: the trained prior explains the rows worse, its cost counted
    cost:           of the residual, of each move and of a moved prior
    margin:         how much more the best explanation costs in which fraud has all but vanished;
                    negative where that is the best one, inf where it is more than DECISIVE
    """

    map: AffineMap
    moved: NDArray[np.bool_]
    prior: float
    score_prior: float
    is_prior_moved: bool
    cost: float
    margin: float = 0.0

    def adapter(self, trained_prior: float) -> Adapter:
        """The alignment as the parts of an adapter; the identity where nothing moved."""
        parts = InputAlignment(self.map.scale, self.map.shift) if self.moved.any() else None
        if not self.is_prior_moved:
            return Adapter(alignment=parts)
        shift = prior_shift(self.score_prior, trained_prior)
        return Adapter(alignment=parts, output=Output(1.0, shift, None))


def fit_alignment(values: Floats, model: Model, logits: Logits) -> Alignment:
    """The alignment of a window of rows.

    values: (n, f) float64 raw values, n >= 1, NaN where missing
    """
    trained = model.reference.prior
    tried: list[Alignment] = []
    for prior in dict.fromkeys(min(factor * trained, 0.9) for factor in _PRIOR_FACTORS):
        at_most = _worth_knowing(prior, tried, trained)
        if (found := _under(prior, values, model, logits, at_most)) is not None:
            tried.append(found)
    for mapping in (AffineMap.identity(len(model.schema.numeric)), min(tried, key=_cost).map):
        prior = _best_prior(values, model, logits, mapping)
        if (found := _under(prior, values, model, logits)) is not None:
            tried.append(found)
    within, without = _least_costs(tried, trained)
    return replace(min(tried, key=_doubted_cost), margin=without - within)


def _worth_knowing(prior: float, tried: Sequence[Alignment], trained: float) -> float:
    """Cost above which this prior changes nothing: another is chosen, and the margin decisive."""
    within, without = _least_costs(tried, trained)
    if prior >= VANISHED * trained:
        return within + _BOTH_COST
    return min(without + _BOTH_COST, within + max(DECISIVE, _BOTH_COST))


def _least_costs(tried: Sequence[Alignment], trained: float) -> tuple[float, float]:
    """With fraud, and without it; inf for none."""
    within = min((a.cost for a in tried if a.prior >= VANISHED * trained), default=inf)
    without = min((a.cost for a in tried if a.prior < VANISHED * trained), default=inf)
    return within, without


def explain(
    values: Floats, model: Model, logits: Logits, mapping: AffineMap, prior: float
) -> Residual:
    """What this map and prior leave unexplained of these rows."""
    mapped = mapping.apply(values, model.schema.numeric)
    return _residual(mapped[:, model.schema.numeric], logits(mapped), expected(model, prior))


def _residual(columns: Floats, score: Floats, target: Expected) -> Residual:
    """columns: (n, k) mapped numeric features; score: (n,) their logit"""
    of_features = distances(columns, target.features)
    of_score = distance_in_errors(score, target.logit)
    cost = sum(distance**2 for distance in of_features) + 2.0 * of_score**2
    return Residual(cost, max([*of_features, of_score]))


def distances(columns: Floats, mixtures: Sequence[Mixture]) -> list[float]:
    """Of each of k columns (n, k) from its mixture, in standard errors; NaN is left out."""
    pairs = zip(columns.T, mixtures, strict=True)
    return [distance_in_errors(_present(column), mixture) for column, mixture in pairs]


def _cost(alignment: Alignment) -> float:
    return alignment.cost


def _doubted_cost(alignment: Alignment) -> float:
    """By which one is chosen; the margin, between two that mostly move both, is of costs alone."""
    are_both = alignment.is_prior_moved and bool(alignment.moved.any())
    return alignment.cost + (_BOTH_COST if are_both else 0.0)


def _best_prior(values: Floats, model: Model, logits: Logits, mapping: AffineMap) -> float:
    """The prior that leaves the least to explain under this map, between those of the grid."""
    mapped, trained = mapping.apply(values, model.schema.numeric), model.reference.prior
    columns, score = mapped[:, model.schema.numeric], logits(mapped)
    found: Any = minimize_scalar(
        lambda odds: _residual(columns, score, expected(model, float(expit(odds)))).cost,
        bounds=(logit(_PRIOR_FACTORS[1] * trained), logit(min(_PRIOR_FACTORS[-1] * trained, 0.9))),
        method="bounded",
        options={"xatol": 0.02},
    )
    log_odds: float = found.x
    return float(expit(log_odds))


def _under(
    prior: float, values: Floats, model: Model, logits: Logits, at_most: float = inf
) -> Alignment | None:
    """The best alignment under one prior; None once it is known to cost more than `at_most`.

    To fit a map takes longer than all the rest, so no more are fitted than that takes.
    """
    trained, numeric = model.reference.prior, model.schema.numeric
    mapping, mixtures = AffineMap.identity(len(numeric)), expected(model, prior).features
    before = np.array(distances(values[:, numeric], mixtures))
    moved, is_prior_moved = before > MOVED, prior != trained
    of_moves, of_prior = _MOVE_COST * int(moved.sum()), _PRIOR_COST * is_prior_moved
    known = of_moves + of_prior + float((before[~moved] ** 2).sum())
    for index in np.flatnonzero(moved).tolist():
        if known > at_most:
            return None
        column = _present(values[:, numeric[index]])
        found = fit_rank_map(column, mixtures[index])
        mapping.scale[index], mapping.shift[index] = found.scale, found.shift
        mapped = column * found.scale + found.shift
        known += distance_in_errors(mapped, mixtures[index]) ** 2
    if known > at_most:
        return None
    residual = explain(values, model, logits, mapping, prior)
    return Alignment(
        map=mapping,
        moved=moved,
        prior=prior,
        score_prior=estimate_prior(logits(mapping.apply(values, numeric)), trained),
        is_prior_moved=is_prior_moved,
        cost=residual.cost + of_moves + of_prior,
    )


def _present(column: Floats) -> Floats:
    return column[~np.isnan(column)]
