"""Figures of decisions without a label: the confusion matrix that calibrated scores let expect.

Each row counts as a fraud with its probability and as legitimate with the rest. Right as long as
the probabilities are: p(y | x) unchanged behind the alignment. Source: confidence-based
performance estimation, as Bialek et al. 2024, "Estimating model performance under covariate shift
without labels", and NannyML have it; the standard errors, by the delta method, are ours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from healer.calibration import Belief
from selfheal.drift.mixture import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Figure:
    """A share in [0, 1] and its standard error; both NaN where it is undefined."""

    value: float
    standard_error: float


UNDEFINED = Figure(float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the labels of these rows are expected to say of the decisions, once they come."""

    rows: int
    accuracy: Figure
    precision: Figure
    recall: Figure
    f1: Figure


def estimate(belief: Belief, called: Flags, weight: Floats) -> Estimate:
    """The expected figures of n rows; of labels as probabilities, the figures themselves.

    called: (n,) the decisions that are judged, of the model that is believed or of any other one
    weight: (n,) inverse of the inclusion probability
    A standard error covers the chance of each label and the error of the calibration: by what the
    figure will differ from that of the labels of these very rows. n may be 0: all is undefined.
    """
    is_called, probability = called.astype(np.float64), belief.probability
    caught = float((weight * probability * is_called).sum())  # expected true positives
    calls, frauds = float((weight * is_called).sum()), float((weight * probability).sum())
    right = float((weight * np.where(called, probability, 1.0 - probability)).sum())
    judged = _Judged(belief, weight)
    return Estimate(
        rows=len(called),
        accuracy=judged.figure(right, float(weight.sum()), 2.0 * is_called - 1.0, 0.0),
        precision=judged.figure(caught, calls, is_called, 0.0),
        recall=judged.figure(caught, frauds, is_called, 1.0),
        f1=judged.figure(2.0 * caught, calls + frauds, 2.0 * is_called, 1.0),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """The rows of an estimate."""

    belief: Belief
    weight: Floats

    def figure(self, part: float, whole: float, in_part: Floats, in_whole: float) -> Figure:
        """part / whole; one fraud more adds in_part (n,) to the former, in_whole to the latter."""
        if whole <= 0.0:
            return UNDEFINED
        value = part / whole
        influence: Floats = self.weight * (in_part - value * in_whole) / whole  # (n,) of labels
        probability = self.belief.probability
        chance = float((influence**2 * probability * (1.0 - probability)).sum())
        lean = influence @ self.belief.slopes  # (2,)
        return Figure(value, float(np.sqrt(chance + lean @ self.belief.covariance @ lean)))
