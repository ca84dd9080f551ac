"""How good scores are, where the truth is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from selfheal.model.arrays import Float64

_EPSILON = np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True)
class Metrics:
    """Figures of one set of labelled rows; the positive class is fraud. What is undefined is NaN.

    accuracy, precision, recall, f1: in [0, 1], of the decisions at the threshold
    auc_pr:   average precision, in [0, 1]; NaN without a fraud
    log_loss: mean, in nats
    tp, fp, fn, tn: counts of rows
    """

    rows: int
    accuracy: float
    precision: float
    recall: float
    f1: float
    auc_pr: float
    log_loss: float
    tp: int
    fp: int
    fn: int
    tn: int


def measure(labels: npt.ArrayLike, probabilities: npt.ArrayLike, threshold: float = 0.5) -> Metrics:
    """The metrics of P(fraud) (n,) in [0, 1] against labels (n,) of 0 and 1.

    A row is called fraud where its probability reaches the threshold. n may be 0: every ratio is
    NaN then. Raises ValueError for lengths that differ.

    >>> measure([0, 1, 1, 0], [0.1, 0.9, 0.4, 0.6]).precision
    0.5
    """
    truth = np.asarray(labels, dtype=np.float64).ravel() > 0
    scores = np.asarray(probabilities, dtype=np.float64).ravel()
    if truth.shape != scores.shape:
        raise ValueError(f"{truth.size} labels and {scores.size} probabilities, expected as many")
    called = scores >= threshold
    tp, fp = int((called & truth).sum()), int((called & ~truth).sum())
    fn, tn = int((~called & truth).sum()), int((~called & ~truth).sum())
    return Metrics(
        rows=truth.size,
        accuracy=_ratio(tp + tn, truth.size),
        precision=_ratio(tp, tp + fp),
        recall=_ratio(tp, tp + fn),
        f1=_ratio(2 * tp, 2 * tp + fp + fn),
        auc_pr=average_precision(truth, scores),
        log_loss=float(log_losses(truth, scores).mean()) if truth.size else np.nan,
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
    )


def always_majority(labels: npt.ArrayLike, fraud_share: float) -> Metrics:
    """The metrics of the constant that calls every row what most training rows were.

    fraud_share: of the training rows, in [0, 1]; it is the constant score, so that its log-loss
    is that of knowing nothing but the prior
    """
    truth = np.asarray(labels)
    return measure(truth, np.full(truth.size, fraud_share))


def log_losses(labels: npt.ArrayLike, probabilities: npt.ArrayLike) -> Float64:
    """Each row's log-loss in nats, (n,); probabilities are clipped to [2.2e-16, 1 - 2.2e-16]."""
    clipped = np.clip(np.asarray(probabilities, dtype=np.float64), _EPSILON, 1 - _EPSILON)
    return -np.log(np.where(np.asarray(labels) > 0, clipped, 1 - clipped))


def average_precision(labels: npt.ArrayLike, scores: npt.ArrayLike) -> float:
    """The area under the precision-recall steps: sum of (R_i - R_i-1) P_i over distinct scores.

    NaN without a positive label. Rows of one score enter together, as in scikit-learn.
    """
    truth, values = np.asarray(labels) > 0, np.asarray(scores)
    if not truth.any():
        return np.nan
    order = np.argsort(-values, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(values[order])), truth.size - 1)
    found = np.cumsum(truth[order])[ends]
    steps = np.diff(found, prepend=0) / truth.sum()
    return float((steps * found / (ends + 1)).sum())


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else np.nan
