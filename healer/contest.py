"""Which correction deserves to serve? All are judged on labels that they have not seen.

Labels become known one after another. Before anything learns from a label, what serves and every
contender say what they think of its row; the gain in log-loss is bet on (`healer/betting.py`). So
the comparison is honest however often it is looked at, and whoever wins has won on newer labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import log
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.betting import Wager
from healer.evidence import Rows
from healer.experts import LOGIT_RANGE, Correction, Lesson
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model

Floats: TypeAlias = NDArray[np.float64]

FROZEN = "frozen"
"""The contender that has no adapter at all."""

UNCORRECTED = "uncorrected"
"""The contender that keeps the alignment and drops what was learned from labels."""

FALSE_ALARM_RATE = 0.01
"""Chance that any contender that is not better ever wins against one serving version."""

_MOST_CONTENDERS = 8
"""Three methods on two horizons, FROZEN and UNCORRECTED: the rate is that of all together."""

SMALLEST_GAIN = 0.003
"""Gain in log-loss, nat a row, that is not worth a change."""

BASELINE_LABELS = 100
"""Fewest labels of a regime by whose loss a decline is judged; later the first half of all."""

_LONGEST_BASELINE = 4000
"""Labels from which a longer baseline is no better."""

DECLINE = 0.02
"""Rise of the log-loss, nat a row, from which what serves has declined."""

_BASELINE_ERRORS = 1.0
"""Standard errors by which the baseline may have come out too well by chance."""

_DECISIONS_RATE = 0.05
"""Chance for one contender that its decisions only seem better: greater, since errors are few."""

FEWEST_LABELS = 40
"""Labels that a contender must have been judged on."""

_CLIP = 0.02
"""Probabilities are kept this far from 0 and 1, so that no single label decides."""

_LARGEST_LOSS = -log(_CLIP) + SMALLEST_GAIN


@dataclass(frozen=True, slots=True, eq=False)
class Duel:
    """The bets that one contender is better than what serves.

    loss:   by its log-loss
    errors: by its decisions, which wrong labels cannot make look better by blurring the scores
    """

    loss: Wager = field(default_factory=Wager)
    errors: Wager = field(default_factory=Wager)


@dataclass(frozen=True, slots=True, eq=False)
class _Outcomes:
    """What one model says of n labelled rows: bounded log-losses, and errors of 0 or 1."""

    losses: Floats
    errors: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Contest:
    """How the contenders stand against what serves.

    epoch:      of the pointer in force
    since_ms:   rows that happened before belong to another regime: neither learned nor judged
    seen:       labels joined so far that were judged or left out
    learned:    labels that the present corrections were fitted to
    unseen:     labels of the regime that were judged since, and that they have not seen
    corrections: by the name of the method
    duels:      by the name of the method, FROZEN and UNCORRECTED among them
    baseline:   (n,) losses of what serves on the first labels of the regime
    decline:    the bet that what serves has become worse than that
    """

    epoch: int
    since_ms: int
    seen: int = 0
    learned: int = 0
    unseen: int = 0
    corrections: Mapping[str, Correction] = field(default_factory=dict[str, Correction])
    duels: Mapping[str, Duel] = field(default_factory=dict[str, Duel])
    baseline: Floats = field(default_factory=lambda: np.zeros(0))
    decline: Wager = field(default_factory=Wager)

    @property
    def has_declined(self) -> bool:
        """Whether what serves does worse than on the first labels of the regime."""
        return self.decline.log_evidence > -log(FALSE_ALARM_RATE)

    def taught(self, corrections: Mapping[str, Correction], labels: int) -> "Contest":
        """With newly fitted corrections. labels: that they have learned from"""
        return replace(self, corrections=corrections, learned=labels, unseen=0)

    def against(self, epoch: int) -> "Contest":
        """The same contenders against another serving version: all bets begin anew."""
        return replace(self, epoch=epoch, duels={}, baseline=np.zeros(0), decline=Wager())

    @property
    def winner(self) -> str | None:
        """The contender with the most evidence that it is better, where that is enough."""
        return self.winner_at(FALSE_ALARM_RATE, _DECISIONS_RATE)

    def winner_at(self, rate: float, decisions_rate: float) -> str | None:
        """The same at other rates of error, in (0, 1): of log-loss, and of decisions."""
        enough = log(_MOST_CONTENDERS / rate)
        won = {
            name: duel.loss.log_evidence
            for name, duel in self.duels.items()
            if duel.loss.labels >= FEWEST_LABELS
            and duel.loss.log_evidence > enough
            and duel.errors.log_evidence > -log(decisions_rate)
        }
        return max(won, key=lambda name: won[name]) if won else None


def candidates(contest: Contest, served: Adapter | None) -> Mapping[str, Adapter]:
    """The adapter that each contender would serve, beside what serves.

    All keep the alignment that serves; FROZEN and UNCORRECTED compete where they would differ.
    """
    found: dict[str, Adapter] = {}
    if served is not None:
        found[FROZEN] = Adapter()
        if served.alignment and (served.output or served.trees):
            found[UNCORRECTED] = replace(served, output=None, trees=None)
    kept = served or Adapter()
    for name, correction in contest.corrections.items():
        found[name] = replace(kept, output=correction.output, trees=correction.trees)
    return found


def judged(contest: Contest, rows: Rows, served: Adapter | None, model: Model) -> Contest:
    """The contest after more labels, none of which a contender has learned from.

    rows: labelled, in the order in which the labels became known; may be empty
    """
    seen = contest.seen + len(rows)
    rows = rows.part(rows.event_ms >= contest.since_ms)
    if not len(rows):
        return replace(contest, seen=seen)
    serving = _outcomes(model, served, rows)
    duels = {
        name: _fought(contest.duels.get(name, Duel()), serving, _outcomes(model, adapter, rows))
        for name, adapter in candidates(contest, served).items()
    }
    unseen = contest.unseen + len(rows)
    return _watched(replace(contest, seen=seen, unseen=unseen, duels=duels), serving.losses)


def _fought(duel: Duel, serving: _Outcomes, contender: _Outcomes) -> Duel:
    gains = (serving.losses - contender.losses - SMALLEST_GAIN) / _LARGEST_LOSS
    return Duel(duel.loss.after(gains), duel.errors.after(serving.errors - contender.errors))


def _watched(contest: Contest, losses: Floats) -> Contest:
    """With the losses (n,) of what serves, each compared with the first half of those before it."""
    seen = min(len(contest.baseline), BASELINE_LABELS) + contest.decline.labels
    known = np.concatenate([contest.baseline, losses])[:_LONGEST_BASELINE]
    place = np.arange(seen, seen + len(losses))
    is_later = place >= BASELINE_LABELS
    half = (place[is_later] // 2).clip(BASELINE_LABELS, _LONGEST_BASELINE)
    rises = losses[is_later] - _highest_means(known)[half - 1] - DECLINE
    decline = contest.decline.after(rises / _LARGEST_LOSS)
    return replace(contest, baseline=known, decline=decline)


def _highest_means(losses: Floats) -> Floats:
    """(n,) what the mean of the first losses may be in truth, for every number of them."""
    counts = np.arange(1, len(losses) + 1)
    means = np.cumsum(losses) / counts
    variances = np.maximum(np.cumsum(losses**2) / counts - means**2, 0.0)
    return means + _BASELINE_ERRORS * np.sqrt(variances / counts)


def lesson_of(rows: Rows, served: Adapter | None, model: Model) -> Lesson:
    """Labelled rows as an expert learns from them, behind the alignment that serves."""
    numeric = model.schema.numeric
    aligned = served.align(rows.values, numeric) if served else rows.values
    before = replace(served, output=None, trees=None) if served else None
    logit = compile_model(model, before).score(rows.values).logit
    return Lesson(
        encoded=model.encoder.encode(aligned).astype(np.float64),
        logit=logit.astype(np.float64).clip(-LOGIT_RANGE, LOGIT_RANGE),
        label=rows.label,
    )


def losses_of(model: Model, adapter: Adapter | None, rows: Rows) -> Floats:
    """(n,) log-loss of each labelled row under this adapter, bounded."""
    return _outcomes(model, adapter, rows).losses


def _outcomes(model: Model, adapter: Adapter | None, rows: Rows) -> _Outcomes:
    probability = compile_model(model, adapter).score(rows.values).score.clip(_CLIP, 1.0 - _CLIP)
    is_fraud = rows.label > 0
    losses: Floats = -np.where(is_fraud, np.log(probability), np.log1p(-probability))
    errors = (probability >= model.threshold) != is_fraud
    return _Outcomes(losses, errors.astype(np.float64))
