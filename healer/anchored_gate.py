"""Judging an alignment by likelihood, each row by a map that was fitted without it."""

from math import sqrt
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.anchored_alignment import (
    Explained,
    Maps,
    fit_anchored,
    log_likelihoods,
    without_fraud,
)
from healer.anchors import Anchors, expected_log_likelihood
from healer.judgement import Judgement, refused
from healer.priors import prior_shift
from selfheal.model.adapter import Adapter, InputAlignment, Output

Floats: TypeAlias = NDArray[np.float64]

FOLDS = 3

UNLIKELY = 4.0
"""Standard errors by which rows may be less likely than the anchors' own."""

STRANGE = 2.7
"""K-S distance that a mapped feature may keep, times sqrt(rows): one in a million is above it."""

FURTHEST = 1e-6
"""Chance with which the furthest of all values may lie as far out as it does."""

WORTH = 3.0
"""Likelihood, nat, that a candidate must gain over what serves, on rows that it never saw."""

REFIT_WORTH = 1.0
"""The same of a fit to more rows of the regime of what serves: less is not worth a new version."""

DECISIVE, DECISIVE_A_ROW = 5.0, 0.02
"""Likelihood, nat, that an explanation without fraud must lose: of few rows so much each.

Frauds that are there lose it .08 a row on the regimes of docs/log.md.
"""

VANISHED = 0.02
"""Share of the trained prior that stands for no fraud at all."""

PLAUSIBLE = 3.2
"""Times the trained prior: more fraud together with moved features is rather a class that moved."""

MOST_FRAUD = 0.5
"""Share of frauds above which a change of the prior alone is not believed either."""


def judged_by_likelihood(
    values: Floats, anchors: Anchors, served: Maps, served_prior: float, known_rows: int = 0
) -> Judgement | None:
    """What the likelihood says of numeric features (n, k), n >= FOLDS, NaN where missing.

    served, served_prior: what serves now, which the candidate must beat by WORTH
    known_rows: of the oldest, which what serves was fitted to: they fit and do not judge, and as
                such a candidate is the more exact one, REFIT_WORTH is enough
    None where the rows are not what any map of the anchors could have made: others must judge.
    """
    found = fit_anchored(values, anchors)
    if is_misfit(values, found, anchors):
        return None
    if (lost := lost_signal(values, found, anchors)) is not None:
        return refused(lost, is_lost=True, rows=len(values))
    gain = _gain(values, anchors, served, served_prior, known_rows)
    judging = len(values) - known_rows
    if gain <= (REFIT_WORTH if known_rows else WORTH):
        return refused("no_better", rows=judging)
    adapter = _adapter(found, anchors)
    return Judgement(adapter, found.prior, "fits_unseen_rows", is_lost=False, rows=judging)


def is_misfit(values: Floats, found: Explained, anchors: Anchors) -> bool:
    """Whether the mapped rows are not what the anchors make.

    By the mean log-likelihood, which tells features that no longer go together as they did; by each
    feature's K-S distance, which tells shapes, as mean and width were fitted, so that a likelihood
    is as expected whatever the shape; and by the furthest value.
    """
    mapped = values * found.maps.scale + found.maps.shift
    mean, sd = expected_log_likelihood(anchors, max(round(found.prior, 2), 0.01))
    reached = float(anchors.log_likelihoods(mapped, found.prior).mean())
    if mean - reached > UNLIKELY * sd / sqrt(len(values)):
        return True
    if anchors.furthest_chance(mapped) < FURTHEST:
        return True
    return anchors.worst_distance(mapped, found.prior) * sqrt(len(values)) > STRANGE


def lost_signal(values: Floats, found: Explained, anchors: Anchors) -> str | None:
    """Why the explanation cannot be trusted, as a word for events; None where it can."""
    is_moved = bool(found.moved.any())
    if found.prior > (PLAUSIBLE * anchors.prior if is_moved else MOST_FRAUD):
        return "too_much_fraud"
    if not is_moved:
        return None
    without = without_fraud(values, found, anchors, VANISHED * anchors.prior)
    margin = found.likelihood - without.likelihood
    decisive = min(DECISIVE, DECISIVE_A_ROW * len(values))
    return "fraud_may_have_vanished" if margin < decisive else None


def _gain(
    values: Floats, anchors: Anchors, served: Maps, served_prior: float, known_rows: int
) -> float:
    """Log-likelihood over that of what serves; each row's by the fit to the other folds."""
    judging = values[known_rows:]
    gain = -float(log_likelihoods(judging, served, served_prior, anchors).sum())
    fold = np.arange(len(values)) % FOLDS
    fold[:known_rows] = FOLDS
    for number in range(FOLDS):
        found = fit_anchored(values[fold != number], anchors)
        judged = values[fold == number]
        gain += float(log_likelihoods(judged, found.maps, found.prior, anchors).sum())
    return gain


def _adapter(found: Explained, anchors: Anchors) -> Adapter:
    maps = InputAlignment(found.maps.scale, found.maps.shift) if found.moved.any() else None
    if not found.is_prior_moved:
        return Adapter(alignment=maps)
    return Adapter(
        alignment=maps, output=Output(1.0, prior_shift(found.prior, anchors.prior), None)
    )
