"""Which version to roll back to: every candidate judged on the same current labelled rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from registry.errors import RollbackError
from registry.record import version_number
from selfheal.records.adapters import BASE_VERSION

Array: TypeAlias = NDArray[np.float64]

_EPSILON = 1e-7


class Criterion(Protocol):
    """How the scores of one version are judged."""

    def terms(self, version: str, score: Array, truth: Array, weight: Array) -> tuple[float, Array]:
        """The loss, NaN where it is undefined, and each row's influence on it (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class LogLoss:
    """Judge by the mean log-loss of the scores: the criterion of choice, as it has no threshold."""

    def terms(self, version: str, score: Array, truth: Array, weight: Array) -> tuple[float, Array]:
        """Mean loss, and each row's own."""
        clipped = np.clip(score, _EPSILON, 1 - _EPSILON)
        losses = -np.log(np.where(truth == 1, clipped, 1 - clipped))
        return (float(np.average(losses, weights=weight)) if len(losses) else np.nan), losses


@dataclass(frozen=True, slots=True)
class F1:
    """Judge by F1 of the decisions, each version at its own threshold.

    thresholds: by version; one that is not named decides at 0.5
    """

    thresholds: Mapping[str, float] = field(default_factory=dict[str, float])

    def terms(self, version: str, score: Array, truth: Array, weight: Array) -> tuple[float, Array]:
        """1 - F1, and the derivative of this ratio of two means by each row."""
        decision = score >= self.thresholds.get(version, 0.5)
        hits = 2.0 * (decision * truth)  # (n,)
        size = decision + truth  # (n,): sums to 2 tp + fp + fn
        mean_size = float(np.average(size, weights=weight)) if len(size) else 0.0
        if mean_size == 0.0:
            return np.nan, np.zeros_like(truth)
        f1 = float(np.average(hits, weights=weight)) / mean_size
        return 1.0 - f1, -(hits - f1 * size) / mean_size


LOG_LOSS = LogLoss()


@dataclass(frozen=True, slots=True)
class RollbackChoice:
    """The version to point to, and what it was compared with.

    losses:         by version: mean log-loss, or 1 - F1; empty where nothing could be judged
    standard_error: of the loss of "base" minus the loss of the best; 0 where base is the best
    reason:         one line for people
    """

    version: str
    losses: Mapping[str, float]
    standard_error: float
    reason: str


def choose_rollback(
    scores: Mapping[str, Array],
    labels: NDArray[np.int_] | Array,
    weights: Array | None = None,
    criterion: Criterion = LOG_LOSS,
) -> RollbackChoice:
    """The candidate with the least loss; no adapter where it is within one standard error of that.

    scores:    by version, "base" (no adapter) among them: P(fraud) of the same n rows, in [0, 1]
    labels:    (n,), 0 or 1
    weights:   (n,), positive: inverse inclusion probabilities; all 1 where None
    criterion: LogLoss() or F1(thresholds)

    The standard error is that of the paired difference over the rows, for F1 by its influence
    function (delta method), so candidates that err on the same rows are told apart by few. Of
    equal candidates the older version is taken. With no labelled row (or, for F1, with no fraud
    among the labels and the decisions of some candidate) nothing can be judged and the answer
    is "base"; with one row too, as its error is infinite.
    Raises RollbackError where "base" is absent, lengths differ or scores are outside [0, 1].

    >>> labels = np.array([0, 0, 0, 1] * 25)
    >>> right, wrong = 0.1 + 0.8 * labels, 0.9 - 0.8 * labels
    >>> choose_rollback({"base": wrong, "v1": right, "v2": 1 - right}, labels).version
    'v1'
    """
    truth, weight = _rows(scores, labels, weights)
    terms = {
        version: criterion.terms(version, np.asarray(score, dtype=np.float64), truth, weight)
        for version, score in scores.items()
    }
    losses = {version: loss for version, (loss, _) in terms.items()}
    if not len(truth) or not all(np.isfinite(loss) for loss in losses.values()):
        return RollbackChoice(BASE_VERSION, {}, 0.0, "nothing to judge by: base is served")
    best = min(losses, key=lambda version: (losses[version], version_number(version)))
    error = _standard_error(terms[BASE_VERSION][1] - terms[best][1], weight)
    return _chosen(best, losses, error)


def _chosen(best: str, losses: Mapping[str, float], error: float) -> RollbackChoice:
    gain = losses[BASE_VERSION] - losses[best]
    if best == BASE_VERSION:
        reason = f"base has the least loss, {losses[best]:.4g}"
    elif gain <= error:
        reason = f"{best} is better than base by {gain:.4g}, within its error of {error:.4g}"
        best = BASE_VERSION
    else:
        reason = f"{best} has the least loss, {losses[best]:.4g}; base {losses[BASE_VERSION]:.4g}"
    return RollbackChoice(best, losses, error, reason)


def _rows(
    scores: Mapping[str, Array], labels: NDArray[np.int_] | Array, weights: Array | None
) -> tuple[Array, Array]:
    """Labels and weights as float64 (n,), everything checked."""
    if BASE_VERSION not in scores:
        raise RollbackError('"base" is not among the candidates, expected the score of no adapter')
    truth = np.asarray(labels, dtype=np.float64)
    weight = np.ones_like(truth) if weights is None else np.asarray(weights, dtype=np.float64)
    if weight.shape != truth.shape or not bool(np.all(weight > 0) & np.all(np.isfinite(weight))):
        raise RollbackError("weights must be positive, finite and one for each label")
    if not bool(np.all((truth == 0) | (truth == 1))):
        raise RollbackError("labels must be 0 or 1")
    for version, score in scores.items():
        if np.shape(score) != truth.shape or not bool(np.all((score >= 0) & (score <= 1))):
            raise RollbackError(f"{version}: expected one score in [0, 1] for each label")
    return truth, weight


def _standard_error(differences: Array, weight: Array) -> float:
    """Of the weighted mean of the rows' differences; infinite for a single row."""
    rows = len(differences)
    if rows < 2:
        return np.inf
    total = float(weight.sum())
    mean = float(np.average(differences, weights=weight))
    squares = float(np.sum((weight * (differences - mean)) ** 2)) * rows / (rows - 1)
    return float(np.sqrt(squares)) / total
