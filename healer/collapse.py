"""Knowing when no map can help: the signal that separates the classes is gone.

When only one class moves onto the other, the marginals can still be aligned, but the aligned rows
look as if fraud had all but vanished, or as if the rows that score as fraud had other features than
frauds have. Then only labels or retraining help, and publishing anything would do harm.
"""

from functools import lru_cache

import numpy as np

from healer.alignment import DECISIVE, VANISHED, Alignment
from healer.priors import prior_shift
from selfheal.drift.expected import expected
from selfheal.drift.mixture import Floats
from selfheal.model.model import Model
from selfheal.model.probability import sigmoid
from selfheal.model.reference import Reference

_SCORED = 0.75
"""Share of the frauds that the features ask for which must score as fraud."""

_PLAUSIBLE = 3.2
"""Times the trained prior: more fraud together with moved features is rather a class that moved."""

_MOST_ROWS = 4000
"""Rows at which a lost signal must have shown; where it cannot, fraud is too rare to ask for it."""

INCONSISTENT = 5.0
"""Standard errors by which the rows that score as fraud may differ from frauds."""


def collapse(
    alignment: Alignment,
    aligned: Floats,
    logit: Floats,
    model: Model,
) -> str | None:
    """Why the alignment cannot be trusted, as a word for events; None where it can.

    aligned: (n, k) numeric features after the alignment; logit: (n,) of the backbone on them.
    A change of the prior alone, with no feature moved, is never a collapse.
    """
    if not alignment.moved.any():
        return None
    if min(alignment.prior, alignment.score_prior) < VANISHED * model.reference.prior:
        return "fraud_vanished"
    if max(alignment.prior, alignment.score_prior) > _PLAUSIBLE * model.reference.prior:
        return "too_much_fraud"
    if could_tell(model) >= 2.0 * DECISIVE and _is_doubtful(alignment):
        return "fraud_may_have_vanished"
    if fraud_inconsistency(aligned, logit, alignment.score_prior, model) > INCONSISTENT:
        return "fraud_looks_different"
    return None


def _is_doubtful(alignment: Alignment) -> bool:
    """The features do not ask for fraud, or ask for more than scores as such."""
    is_short = alignment.score_prior < _SCORED * alignment.prior
    return is_short or alignment.margin < DECISIVE


@lru_cache(maxsize=4)
def could_tell(model: Model) -> float:
    """What an explanation without fraud costs more, on average, where fraud is still there.

    Squared standard errors, on as many rows as a heal ever sees. Small where fraud is so rare, or
    so like everything else, that the features' distributions hardly change when it is gone.
    """
    prior = model.reference.prior
    now, without = expected(model, prior), expected(model, VANISHED * prior)
    pairs = zip((*now.features, now.logit), (*without.features, without.logit), strict=True)
    errors = [
        float(np.abs(one.cdf(one.points) - other.cdf(one.points)).max()) / one.error(_MOST_ROWS)
        for one, other in pairs
    ]
    return float(np.sum(np.square(errors)) + errors[-1] ** 2)


def fraud_inconsistency(aligned: Floats, logit: Floats, prior: float, model: Model) -> float:
    """Largest distance of the rows that score as fraud from those that did in training.

    Of the mean rank of each feature, in standard errors of both; rows count by their posterior
    probability of fraud under this prior, here and there, so that no calibration is assumed.
    """
    reference = model.reference
    shift = prior_shift(prior, reference.prior)
    features = expected(model, reference.prior).features
    ranks = np.stack([m.mid_cdf(column) for m, column in zip(features, aligned.T, strict=True)], 1)
    weight = np.where(np.isnan(aligned), 0.0, sigmoid(logit + shift)[:, None])  # (n, k)
    mean, variance = _weighted(np.where(np.isnan(aligned), 0.0, ranks), weight)
    wanted, error = _trained(reference, prior, shift)
    stray = reference.wander.max(axis=0, initial=0.0)  # what varies within a day may do so here
    z = np.abs(mean - wanted) / np.sqrt(variance + error + stray**2 + 1e-12)
    return float(np.nanmax(z, initial=0.0))


def _trained(reference: Reference, prior: float, shift: float) -> tuple[Floats, Floats]:
    """(k,) mean ranks that rows scoring as fraud had in training under this prior, and errors."""
    class_share = np.array([1.0 - prior, prior])[:, None]
    rows = np.nan_to_num(reference.logit_bin_shares * reference.logit_rows[:, None])  # (2, 20)
    share = class_share * np.nan_to_num(reference.logit_bin_shares)
    weight = share * np.nan_to_num(sigmoid(reference.band_logit + shift))
    total = max(float(weight.sum()), 1e-9)
    rank, variance = np.nan_to_num(reference.band_rank), np.nan_to_num(reference.band_variance)
    mean = (weight[:, :, None] * rank).sum(axis=(0, 1)) / total
    spread = variance + (rank - mean) ** 2
    each = np.divide(weight**2, rows, out=np.zeros_like(weight), where=rows > 0)
    return mean, (each[:, :, None] * spread).sum(axis=(0, 1)) / total**2


def _weighted(values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """(k,) weighted means and their variances."""
    total = np.maximum(weight.sum(axis=0), 1e-9)
    mean = (weight * values).sum(axis=0) / total
    return mean, (weight**2 * (values - mean) ** 2).sum(axis=0) / total**2
