"""Which correction deserves to serve? All are judged on labels that they have not seen.

Labels become known one after another. Before anything learns from a label, what serves and every
contender say what they think of its row; who is better is bet on (`healer/duel.py`). So the
comparison is honest however often it is looked at, and whoever wins has won on newer labels.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import log

import numpy as np

from healer.decline import Decline
from healer.duel import Duel, Floats, outcomes_of
from healer.evidence import Rows
from healer.experts import LOGIT_RANGE, Correction, Lesson
from healer.policy import Serving
from healer.relation_change import RelationChange
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.costs import Costs
from selfheal.model.model import Model

FROZEN = "frozen"
"""The contender that has no adapter at all."""

UNCORRECTED = "uncorrected"
"""The contender that keeps the alignment and drops what was learned from labels."""

CALIBRATED = "calibrated"
"""The contender that is what serves, its logit scaled and shifted."""

FALSE_ALARM_RATE = 0.01
"""Chance that any contender that is not better ever wins against one serving version."""

ENOUGH_OF_DECLINE = -log(0.01)
"""Evidence of a decline: one that does what it always did passes it ever in 1 % of the cases."""

_MOST_CONTENDERS = 9
"""Three methods on two horizons, CALIBRATED, FROZEN and UNCORRECTED share the rate."""

_BLUR_RATE = 0.05
"""Chance that one contender's decisions or ranks only seem better: greater, as errors are few."""

_NO_ADAPTER, _NO_CORRECTION = Adapter(), Correction()


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
    decline:    whether what serves has become worse in this regime
    relation:   whether labels have come to say something else in it
    thresholds: at which each contender would serve, by its name; none without costs
    priced_on:  unseen labels that they were chosen from; None where they were not chosen yet
    """

    epoch: int
    since_ms: int
    seen: int = 0
    learned: int = 0
    unseen: int = 0
    corrections: Mapping[str, Correction] = field(default_factory=dict[str, Correction])
    duels: Mapping[str, Duel] = field(default_factory=dict[str, Duel])
    decline: Decline = field(default_factory=Decline)
    relation: RelationChange = field(default_factory=RelationChange)
    thresholds: Mapping[str, float] = field(default_factory=dict[str, float])
    priced_on: int | None = None

    def taught(self, corrections: Mapping[str, Correction], labels: int) -> "Contest":
        """With newly fitted corrections. labels: that they have learned from"""
        return replace(self, corrections=corrections, learned=labels, unseen=0, priced_on=None)

    def learned_from(self, played: "Contest") -> "Contest":
        """With the corrections of this contest as it was taught, or played, off to the side.

        Duels that it had no part in are taken over; those that went on meanwhile stand.
        """
        duels = {name: each for name, each in played.duels.items() if name in played.corrections}
        taught = self.taught(played.corrections, played.learned)
        return replace(taught, unseen=played.unseen, duels={**duels, **self.duels})

    def against(self, epoch: int) -> "Contest":
        """The same contenders against another serving version: all bets begin anew.

        CALIBRATED leaves: it was the version before.
        """
        kept = {name: each for name, each in self.corrections.items() if name != CALIBRATED}
        return replace(
            self,
            epoch=epoch,
            corrections=kept,
            duels={},
            decline=Decline(),
            relation=RelationChange(),
            priced_on=None,
        )

    def at_another_threshold(self, epoch: int) -> "Contest":
        """The same contenders against the same version, which decides from elsewhere on now.

        Whose decisions are better is bet on anew; scores are as good as they were.
        """
        duels = {name: duel.decided_anew() for name, duel in self.duels.items()}
        return replace(self, epoch=epoch, duels=duels)

    @property
    def log_decline(self) -> float:
        """Evidence that what serves has declined: of its losses and of the relation, on average."""
        both = (self.decline.wager.log_evidence, self.relation.wager.log_evidence)
        return float(np.logaddexp(*both)) - log(2.0)

    @property
    def has_declined(self) -> bool:
        """Whether what serves has become worse in this regime, at the stated rate of errors."""
        return self.log_decline > ENOUGH_OF_DECLINE

    @property
    def winner(self) -> str | None:
        """The contender with the most evidence that it is better, where that is enough."""
        return self.winner_at(FALSE_ALARM_RATE / _MOST_CONTENDERS, _BLUR_RATE)

    def winner_at(
        self, rate: float, blur_rate: float, among: Container[str] | None = None
    ) -> str | None:
        """The same at other rates of error for each contender, as in `Duel.is_won`.

        among: names of those that may win; None for all
        """
        duels = self.duels.items()
        won = [name for name, duel in duels if duel.is_won(rate, blur_rate)]
        if among is not None:
            won = [name for name in won if name in among]
        return max(won, key=lambda name: self.duels[name].loss.log_evidence, default=None)


def candidates(contest: Contest, served: Adapter | None) -> Mapping[str, Adapter]:
    """The adapter that each contender would serve, beside what serves.

    All keep the alignment that serves; FROZEN and UNCORRECTED compete where they would differ.
    """
    found: dict[str, Adapter] = {}
    if served is not None:
        found[FROZEN] = _NO_ADAPTER
        if served.alignment and (served.output or served.trees):
            found[UNCORRECTED] = _corrected(served, _NO_CORRECTION)
    for name, correction in contest.corrections.items():
        found[name] = _corrected(served or _NO_ADAPTER, correction)
    return found


@lru_cache(maxsize=2 * _MOST_CONTENDERS)
def _corrected(served: Adapter, correction: Correction) -> Adapter:
    """Kept: each look at labels asks again, and the same adapter is compiled only once."""
    return replace(served, output=correction.output, trees=correction.trees)


def judged(
    contest: Contest, rows: Rows, serving: Serving, model: Model, costs: Costs | None = None
) -> Contest:
    """The contest after more labels, none of which a contender has learned from.

    rows:  labelled, in the order in which the labels became known; may be empty
    costs: by which decisions are judged, each contender's at its own threshold where it has one;
           None judges by the share of wrong ones, at the threshold of what serves
    """
    seen = contest.seen + len(rows)
    rows = rows.part(rows.event_ms >= contest.since_ms)
    if not len(rows):
        return replace(contest, seen=seen)
    threshold = serving.threshold
    said = {
        name: outcomes_of(model, adapter, contest.thresholds.get(name, threshold), rows, costs)
        for name, adapter in candidates(contest, serving.adapter).items()
    }
    served = outcomes_of(model, serving.adapter, threshold, rows, costs)
    duels = {
        name: contest.duels.get(name, Duel()).after(served, said.get(CALIBRATED), outcomes)
        for name, outcomes in said.items()
    }
    return replace(
        contest,
        seen=seen,
        unseen=contest.unseen + len(rows),
        duels=duels,
        decline=contest.decline.after(served.losses),
        relation=contest.relation.after(lesson_of_serving(rows, serving.adapter, model)),
    )


def lesson_of(rows: Rows, served: Adapter | None, model: Model) -> Lesson:
    """Labelled rows as an expert learns from them, behind the alignment that serves."""
    before = replace(served, output=None, trees=None) if served else None
    return lesson_of_serving(rows, before, model)


def lesson_of_serving(rows: Rows, served: Adapter | None, model: Model) -> Lesson:
    """Labelled rows, with the logits of what serves as it is."""
    aligned = served.align(rows.values, model.schema.numeric) if served else rows.values
    encoded = model.encoder.encode(aligned).astype(np.float64)
    return Lesson(encoded, bounded_logits(model, served, rows), rows.label)


def bounded_logits(model: Model, adapter: Adapter | None, rows: Rows) -> Floats:
    """(n,) logits behind this adapter, as an expert learns from them."""
    logit = compile_model(model, adapter).score(rows.values).logit
    return logit.astype(np.float64).clip(-LOGIT_RANGE, LOGIT_RANGE)
