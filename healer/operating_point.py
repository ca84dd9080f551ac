"""The threshold at which an operator's costs are least: the operating point. Pure.

Where probabilities are calibrated it is false_alarm / (false_alarm + missed_fraud) (Elkan 2001).
Scores are calibrated first (`healer/calibration.py`), and that threshold is the anchor. As two
numbers cannot describe every drift, labels are asked as well what each threshold would have cost,
beside what the calibrated scores expect of the rows without; another threshold than the anchor
must save more than two standard errors. (To take the one that cost least on the labels is worse by
half at a hundred labels, where a single dear fraud decides.)
Where more alarms follow than can be reviewed, the threshold rises to the weighted quantile of the
scores that leaves as many as can.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from healer.calibration import Calibration
from healer.evidence import Floats
from selfheal.model.costs import Costs
from selfheal.model.probability import sigmoid

EXPECTED_LABELS = 200
"""Labels that the calibrated scores of the recent rows count as."""

CERTAIN = 2.0
"""Standard errors that a saving must exceed: one dear fraud alone moves no threshold."""

SAVING = 0.15
"""Share of the expected cost that a move must save."""

OVERRUN = 0.1
"""Share of the review capacity by which the alarms may exceed it before the threshold moves."""

Cause = Literal["cost", "capacity"]
"""Why a threshold moves."""

_LARGEST_LOGIT = 30.0
_TIED = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Recent:
    """Recent rows of one regime, as one version scores them.

    logit:          (n,) float64, of the served probability
    weight:         (n,) float64, inverse of the inclusion probability
    labelled_logit: (m,) float64, of rows whose label is known and taught this version nothing
    label:          (m,) 0 or 1
    calibration:    what is known of the version's probabilities before those labels
    """

    logit: Floats
    weight: Floats
    labelled_logit: Floats
    label: Floats
    calibration: Calibration

    def alert_share(self, threshold: float) -> float:
        """Share of the traffic that reaches this threshold; nan for no rows."""
        total = float(self.weight.sum())
        alerts = self.weight[sigmoid(self.logit) >= threshold].sum()
        return float(alerts) / total if total > 0.0 else float("nan")


def operating_threshold(costs: Costs, recent: Recent) -> float:
    """The threshold, in [0, 1], that is expected to cost least and keeps the review capacity.

    Of thresholds that cost the same, the one nearest to that of the calibrated scores alone. No
    rows and no labels give the latter.
    """
    return max(_Prices.of(costs, recent).cheapest(), capacity_threshold(costs, recent))


def capacity_threshold(costs: Costs, recent: Recent) -> float:
    """The lowest threshold that alarms on no more of the recent rows than can be reviewed.

    0 where everything can be, and for no rows. Of equal scores all are alarms or none.
    """
    if costs.review_capacity >= 1.0 or not len(recent.logit):
        return 0.0
    scores, place = np.unique(-sigmoid(recent.logit), return_inverse=True)  # highest first
    share = np.cumsum(np.bincount(place, recent.weight)) / recent.weight.sum()
    kept = int(np.searchsorted(share, costs.review_capacity + _TIED, side="right"))
    if kept == 0:
        return min(1.0, float(np.nextafter(-scores[0], 2.0)))
    return float(-scores[kept - 1])


def worth_moving(costs: Costs, recent: Recent, now: float, wanted: float) -> Cause | None:
    """Why the threshold should move from `now` to `wanted`: "cost", "capacity", or None.

    Small moves save little and each is a change that people must understand: one is worth it where
    it saves 15 % of what is expected to be lost, or where reviewers get a tenth more alarms
    than they can take.
    """
    if recent.alert_share(now) > (1.0 + OVERRUN) * costs.review_capacity and wanted > now:
        return "capacity"
    floor = capacity_threshold(costs, recent)
    prices = _Prices.of(costs, recent)
    before, after = max(now, floor), max(wanted, floor)
    return "cost" if prices.at(after) < (1.0 - SAVING) * prices.at(before) else None


@dataclass(frozen=True, slots=True, eq=False)
class _Prices:
    """What every threshold is expected to cost.

    score:   (k,) ascending, of labelled and recent rows together
    cost:    (k + 1,) of a threshold at each score, and above all of them
    squares: (k + 1,) sum of the squared cost of a mistake, over the rows below each score
    anchor:  threshold of the calibrated scores alone
    """

    score: Floats
    cost: Floats
    squares: Floats
    anchor: float

    @classmethod
    def of(cls, costs: Costs, recent: Recent) -> "_Prices":
        """From labels, and from what calibrated scores say of the rows that have none."""
        calibration = recent.calibration.taught(recent.labelled_logit, recent.label)
        expected = calibration.belief(recent.logit).probability
        weight = recent.weight * (EXPECTED_LABELS / max(float(recent.weight.sum()), _TIED))
        score = sigmoid(np.concatenate([recent.labelled_logit, recent.logit]))
        fraud = np.concatenate([recent.label, weight * expected])
        legitimate = np.concatenate([1.0 - recent.label, weight * (1.0 - expected)])
        order = np.argsort(score, kind="stable")
        missed = costs.missed_fraud * _below(fraud[order])
        spared = costs.false_alarm * _below(legitimate[order])
        squares = costs.missed_fraud**2 * fraud + costs.false_alarm**2 * legitimate
        return cls(
            score=score[order],
            cost=missed + spared[-1] - spared,
            squares=_below(squares[order]),
            anchor=_anchor(costs, calibration),
        )

    def at(self, threshold: float) -> float:
        """Expected cost at one threshold, in the currency, of all rows together."""
        return float(self.cost[np.searchsorted(self.score, threshold, side="left")])

    def savings(self, now: float, wanted: Floats) -> Floats:
        """(n,) what each of n thresholds surely saves over `now`: the mean less its own error."""
        place = np.searchsorted(self.score, wanted, side="left")
        here = np.searchsorted(self.score, now, side="left")
        error = np.sqrt(np.abs(self.squares[place] - self.squares[here]))
        return self.cost[here] - self.cost[place] - CERTAIN * error

    def cheapest(self) -> float:
        """The threshold that surely costs least; of several the one nearest to the anchor."""
        candidates = np.unique(np.concatenate([[0.0, self.anchor, 1.0], self.score]))
        saved = self.savings(self.anchor, candidates)
        tied = candidates[saved >= saved.max() - _TIED * (1.0 + float(self.cost.max()))]
        return float(tied[np.argmin(np.abs(tied - self.anchor))])


def _below(amount: Floats) -> Floats:
    """(k + 1,) sums of the amounts (k,) before each place, and of all."""
    return np.concatenate([[0.0], np.cumsum(amount)])


def _anchor(costs: Costs, calibration: Calibration) -> float:
    """The score whose calibrated probability is that from which an alarm pays (Elkan 2001).

    Where scores do not rise with the probability there is no such score: then the probability.
    """
    if calibration.scale <= 0.0:
        return costs.threshold
    with np.errstate(divide="ignore"):
        logit = np.log(costs.threshold) - np.log1p(-costs.threshold)
    found = (logit - calibration.shift) / calibration.scale
    return float(sigmoid(np.clip(found, -_LARGEST_LOGIT, _LARGEST_LOGIT)))
