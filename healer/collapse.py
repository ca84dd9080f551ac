"""Knowing when no map can help: the signal that separates the classes is gone.

When only one class moves onto the other, the marginals can still be aligned, but the aligned rows
look as if fraud had all but vanished, or as if the rows that score as fraud had other features than
frauds have. Then only labels or retraining help, and publishing anything would do harm.
"""

import numpy as np
from numpy.typing import NDArray

from healer.alignment import VANISHED, Alignment
from healer.priors import prior_shift
from selfheal.model.reference import Reference

DECISIVE = 4.5
"""How much more an explanation without fraud must cost, squared standard errors."""

INCONSISTENT = 6.0
"""Standard errors by which the rows that score as fraud may differ from frauds."""


def collapse(
    alignment: Alignment,
    aligned: NDArray[np.float64],
    logit: NDArray[np.float64],
    reference: Reference,
) -> str | None:
    """Why the alignment cannot be trusted, as a word for events; None where it can.

    aligned: (n, k) numeric features after the alignment; logit: (n,) of the backbone on them.
    A change of the prior alone, with no feature moved, is never a collapse.
    """
    if not alignment.moved.any():
        return None
    if min(alignment.prior, alignment.score_prior) < VANISHED * reference.prior:
        return "fraud_vanished"
    if alignment.margin < DECISIVE:
        return "fraud_may_have_vanished"
    if fraud_inconsistency(aligned, logit, alignment.score_prior, reference) > INCONSISTENT:
        return "fraud_looks_different"
    return None


def fraud_inconsistency(
    aligned: NDArray[np.float64],
    logit: NDArray[np.float64],
    prior: float,
    reference: Reference,
) -> float:
    """Largest distance of the means of the rows that score as fraud from the means of frauds.

    In standard errors of both; rows count by their posterior probability of fraud.
    """
    posterior = 0.5 * (1.0 + np.tanh(0.5 * (logit + prior_shift(prior, reference.prior))))
    weight = np.where(np.isnan(aligned), 0.0, posterior[:, None])  # (n, k)
    total = np.maximum(weight.sum(axis=0), 1e-9)
    mean = np.nansum(weight * aligned, axis=0) / total
    variance = np.nansum(weight**2 * (aligned - mean) ** 2, axis=0) / total**2
    error = reference.class_sd[1] ** 2 / max(float(reference.rows[1]), 1.0)
    z = np.abs(mean - reference.class_mean[1]) / np.sqrt(variance + error + 1e-12)
    return float(np.nanmax(z, initial=0.0))
