"""Judging shifts of single classes: do unseen rows show them, and is enough of the signal left?"""

from dataclasses import replace
from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.anchored_alignment import Explained, Maps, fit_anchored, log_likelihoods, without_fraud
from healer.anchored_gate import DECISIVE, FOLDS, VANISHED, WORTH, is_misfit
from healer.anchors import Anchors
from healer.class_shifts import ClassShifts, fit_class_shifts
from healer.density_output import densities_tell_more, output_of
from healer.judgement import Judgement, refused
from selfheal.model.adapter import Adapter
from selfheal.model.model import Model

Floats: TypeAlias = NDArray[np.float64]

FEWEST_ROWS = 200
"""Rows below which two classes are not told apart by their means."""

SIGNAL_LEFT = 0.5
"""Share of the trained distance between the classes that must be left for decisions to be sound."""

SMALLEST_SHIFT = 0.3
"""Standard deviations of a feature in its class: less is rather an error of the anchors."""

OTHER_PRIOR = 2.0
"""Factor by which the share of frauds may differ from the trained one: beyond it, the smaller
class is rather something else than fraud."""

DIFFERENT = 0.06
"""Share of decisions in which an explanation as good as the best one may differ from it."""


def judged_by_classes(values: Floats, model: Model, anchors: Anchors) -> Judgement | None:
    """What single classes that moved say of raw values (n, f).

    None where they explain the rows no better than one map for both, and where the network knows
    more than the anchors: others must judge.
    """
    numeric = values[:, model.schema.numeric]
    if len(values) < FEWEST_ROWS or not densities_tell_more(anchors, model):
        return None
    together = fit_anchored(numeric, anchors)
    fits = fit_class_shifts(numeric, anchors)
    found = fits[0]
    if found.score <= _score(together, len(values)) + DECISIVE:
        return None
    if np.abs((found.anchors.mean - anchors.mean) / anchors.sd).max() < SMALLEST_SHIFT:
        return None
    if is_misfit(numeric, _as_they_are(found), found.anchors):
        return None
    if _gain(numeric, anchors) <= WORTH:
        return None
    if (why := _why_lost(numeric, fits, anchors)) is not None:
        return refused(why, is_lost=True, rows=len(values))
    adapter = Adapter(output=output_of(found.anchors, model))
    prior = found.anchors.prior
    return Judgement(adapter, prior, "fits_unseen_rows", rows=len(values), is_apart=True)


def _why_lost(values: Floats, fits: tuple[ClassShifts, ...], anchors: Anchors) -> str | None:
    """Why no decision should follow from the best fit, as a word for events; None where it may."""
    found = fits[0]
    if not 1.0 / OTHER_PRIOR <= found.anchors.prior / anchors.prior <= OTHER_PRIOR:
        is_more = found.anchors.prior > anchors.prior
        return "too_much_fraud" if is_more else "fraud_may_have_vanished"
    if _distance(found.anchors) < SIGNAL_LEFT * _distance(anchors):
        return "signal_lost"
    everything = np.ones(values.shape[1], dtype=np.bool_)
    moved = replace(_as_they_are(found), moved=everything)
    vanished = without_fraud(values, moved, anchors, VANISHED * anchors.prior)
    if found.likelihood - vanished.likelihood < DECISIVE:
        return "fraud_may_have_vanished"
    return "ambiguous" if _is_ambiguous(values, fits) else None


def _distance(anchors: Anchors) -> float:
    """Between the classes, in standard deviations (Mahalanobis)."""
    apart = (anchors.mean[1] - anchors.mean[0]) ** 2 / (anchors.sd[0] * anchors.sd[1])
    return sqrt(float(apart.sum()))


def _is_ambiguous(values: Floats, fits: tuple[ClassShifts, ...]) -> bool:
    """Whether an explanation that is nearly as good would decide otherwise."""
    best, *others = fits
    decided = best.anchors.log_odds(values) > 0.0
    return any(
        float(((other.anchors.log_odds(values) > 0.0) != decided).mean()) > DIFFERENT
        for other in others
        if other.score > best.score - DECISIVE
    )


def _gain(values: Floats, anchors: Anchors) -> float:
    """Log-likelihood over that of one map for both classes; each row's by fits without it."""
    fold, gain = np.arange(len(values)) % FOLDS, 0.0
    for number in range(FOLDS):
        rest, judged = values[fold != number], values[fold == number]
        apart = fit_class_shifts(rest, anchors)[0].anchors
        together = fit_anchored(rest, anchors)
        gain += float(apart.log_likelihoods(judged, apart.prior).sum())
        gain -= float(log_likelihoods(judged, together.maps, together.prior, anchors).sum())
    return gain


def _score(together: Explained, rows: int) -> float:
    return together.likelihood - 0.5 * float(np.log(rows)) * together.freedom


def _as_they_are(found: ClassShifts) -> Explained:
    """The rows are what the moved anchors make, without a map."""
    nothing = Maps.identity(found.moved.shape[1])
    still = np.zeros(found.moved.shape[1], dtype=np.bool_)
    return Explained(nothing, still, found.anchors.prior, True, found.likelihood)
