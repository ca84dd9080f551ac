"""What two models say of the same labelled rows, and the bets that one of them is better."""

from dataclasses import dataclass, field, replace
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.betting import Wager
from healer.evidence import Rows
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.costs import Costs
from selfheal.model.model import Model

Floats: TypeAlias = NDArray[np.float64]

SMALLEST_GAIN = 0.003
"""Gain in log-loss, nat a row, that is not worth a change."""

FEWEST_LABELS = 40
"""Labels that a contender must have been judged on."""

_CLIP = 0.02
"""Probabilities are kept this far from 0 and 1, so that no single label decides."""

LARGEST_LOSS = -log(_CLIP) + SMALLEST_GAIN


@dataclass(frozen=True, slots=True, eq=False)
class Outcomes:
    """What one model says of n labelled rows.

    losses: (n,) float64 log-losses, bounded by `LARGEST_LOSS`
    errors: (n,) float64, 1 where its decision is wrong; where costs are named, what the decision
            costs as a share of the dearest mistake, in [0, 1]
    """

    losses: Floats
    errors: Floats


def outcomes_of(
    model: Model,
    adapter: Adapter | None,
    threshold: float,
    rows: Rows,
    costs: Costs | None = None,
) -> Outcomes:
    """What the model says behind this adapter.

    threshold: P(fraud) from which it decides fraud
    costs:     that decisions are judged by; None calls every mistake the same
    """
    score = compile_model(model, adapter).score(rows.values).score
    losses, is_alarm = bounded_losses(score, rows.label), score >= threshold
    if costs is not None:
        return Outcomes(losses, costs.of_decisions(rows.label, is_alarm))
    return Outcomes(losses, (is_alarm != (rows.label > 0)).astype(np.float64))


def bounded_losses(score: NDArray[np.floating], label: NDArray[np.number]) -> Floats:
    """(n,) float64 log-losses of P(fraud) (n,) on labels (n,), at most `LARGEST_LOSS`."""
    bounded = score.clip(_CLIP, 1.0 - _CLIP)
    return -np.where(label > 0, np.log(bounded), np.log1p(-bounded))


@dataclass(frozen=True, slots=True, eq=False)
class Duel:
    """The bets that one contender is better than what serves.

    Wrong labels make the scores that are nearest to one half look best. That does not help the
    decisions, nor does it help beside a contender that may blur the scores as it likes.

    loss:   by its log-loss
    errors: by its decisions, or by what they cost
    ranks:  by its log-loss beside that of what serves, calibrated
    """

    loss: Wager = field(default_factory=Wager)
    errors: Wager = field(default_factory=Wager)
    ranks: Wager = field(default_factory=Wager)

    def after(self, serving: Outcomes, calibrated: Outcomes | None, contender: Outcomes) -> "Duel":
        """The bets after more labels. calibrated: None where nothing was calibrated yet"""
        return Duel(
            self.loss.after(_gains(serving, contender)),
            self.errors.after(serving.errors - contender.errors),
            self.ranks.after(_gains(calibrated, contender)) if calibrated else self.ranks,
        )

    def decided_anew(self) -> "Duel":
        """The same once what serves decides at another threshold: that bet begins anew."""
        return replace(self, errors=Wager())

    def is_won(self, rate: float, blur_rate: float) -> bool:
        """Whether the contender is better, and by more than the blur of its scores.

        rate:      chance that one with no better log-loss is said to have won, in (0, 1)
        blur_rate: chance that one with no better decisions and ranks is, in (0, 1)
        """
        if self.loss.labels < FEWEST_LABELS or self.loss.log_evidence <= -log(rate):
            return False
        ranks_better = self.ranks.log_evidence > -log(blur_rate) and self.errors.gain >= 0.0
        return ranks_better or self.errors.log_evidence > -log(blur_rate)


def _gains(known: Outcomes, contender: Outcomes) -> Floats:
    """(n,) in [-1, 1]"""
    return (known.losses - contender.losses - SMALLEST_GAIN) / LARGEST_LOSS
