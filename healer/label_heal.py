"""Learning from labels as they come: judge the contenders, teach them, publish the winner."""

from dataclasses import dataclass, replace

import numpy as np

from healer.change_point import change_point
from healer.contender_thresholds import priced
from healer.contest import (
    UNCORRECTED,
    Contest,
    candidates,
    judged,
    lesson_of_serving,
)
from healer.duel import outcomes_of
from healer.evidence import Rows
from healer.judging import known
from healer.label_free import changed_share
from healer.policy import Evidence, GateFigures, Proposal, Serving
from healer.regime import Regime, own_quantiles
from healer.relation_change import telling
from selfheal.drift.binned_shares import own_shares
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.model import Model

LOOK_EVERY = 10
"""Labels between looks at the contest."""

LESSON_ROWS = 2000
"""Newest labels that the contenders learn from."""

_FIRST_LESSON = 20
_GROWTH = 1.3
"""A lesson is repeated when there are so many times the labels of the last one, or `_ENOUGH`."""

_ENOUGH = 400

JUDGED_ROWS = 500
"""Newest labels that the figures of a published heal are of, at most; none that it learned from."""


def followed(contest: Contest, evidence: Evidence) -> Contest:
    """The contest after the labels that have come since; the same while they are few."""
    window = evidence.window
    if window.labels_joined - contest.seen < LOOK_EVERY:
        return contest
    rows = window.joined(contest.seen)
    contest = priced(contest, evidence)  # before these labels: they judge the thresholds too
    contest = judged(contest, rows, evidence.served, evidence.model, evidence.costs)
    contest = replace(contest, seen=window.labels_joined)
    return _compared(contest, evidence) if contest.relation.is_lesson_due else contest


def _compared(contest: Contest, evidence: Evidence) -> Contest:
    """With what the newest labels teach, compared with those before, all new to what serves."""
    rows = telling(lesson_rows(contest, evidence).newest(contest.relation.labels))
    lesson = lesson_of_serving(rows, evidence.served.adapter, evidence.model)
    return replace(contest, relation=contest.relation.learned(lesson))


def decline_began_ms(contest: Contest, evidence: Evidence) -> int:
    """Event time of the first labelled row at which what serves did worse than before."""
    rows = lesson_rows(contest, evidence).in_event_order()
    served = evidence.served
    outcomes = outcomes_of(evidence.model, served.adapter, served.threshold, rows)
    return int(rows.event_ms[change_point(outcomes.losses)])


def is_due(contest: Contest, evidence: Evidence) -> bool:
    """Whether enough labels have come to teach the contenders again."""
    labels = len(lesson_rows(contest, evidence))
    wanted = min(_GROWTH * contest.learned, contest.learned + _ENOUGH)
    return labels >= max(_FIRST_LESSON, wanted)


def lesson_rows(contest: Contest, evidence: Evidence) -> Rows:
    """Labelled rows of this regime, in the order in which their labels became known.

    None that is still to be judged: the contenders may learn from these.
    """
    first = max(0, contest.seen - LESSON_ROWS)
    rows = evidence.window.joined(first, contest.seen - first)
    return rows.part(rows.event_ms >= contest.since_ms)


@dataclass(frozen=True, slots=True, eq=False)
class Victory:
    """What a label heal publishes.

    winner:   name of the contender
    contest:  that it won
    labelled: newest labelled rows of this regime
    recent:   newest rows of this regime, labelled or not
    regime:   that goes on, or None for the first one
    is_apart: the rows look like no regime that is known: the new version gets its own
    has_own_shares: at least their levels and missing values do
    """

    winner: str
    contest: Contest
    labelled: Rows
    recent: Rows
    regime: Regime | None
    is_apart: bool
    has_own_shares: bool = False


def label_heal(victory: Victory, serving: Serving, model: Model) -> Proposal:
    """The winner as a proposal. It has passed the gate: its evidence is on labels it never saw.

    Its figures are those of the threshold at which it won.
    """
    adapter = candidates(victory.contest, serving.adapter)[victory.winner]
    wager = victory.contest.duels[victory.winner].loss
    rows = victory.labelled.newest(min(victory.contest.unseen, JUDGED_ROWS))
    recent = victory.recent
    before = measure(rows.label, _scores(model, serving, rows), serving.threshold)
    threshold = victory.contest.thresholds.get(victory.winner, serving.threshold)
    candidate = replace(serving, adapter=adapter)
    after = measure(rows.label, _scores(model, candidate, rows), threshold)
    gate = GateFigures(
        "promote",
        "better_on_new_labels",
        rows=len(recent),
        labelled_rows=wager.labels,
        frauds=int(rows.label.sum()),
        loss_gain=wager.mean_gain,
        changed_share=changed_share(model, serving, adapter, recent.values, threshold),
        accuracy=known(after.accuracy),
        previous_accuracy=known(before.accuracy),
        f1=known(after.f1),
        previous_f1=known(before.f1),
    )
    return Proposal(
        adapter=adapter,
        gate=gate,
        rows=len(recent),
        labelled_rows=len(victory.labelled),
        first_event_ms=int(recent.event_ms[0]) if len(recent) else 0,
        last_event_ms=int(recent.event_ms[-1]) if len(recent) else 0,
        regime=_regime(victory, model).stored(),
    )


def _regime(victory: Victory, model: Model) -> Regime:
    prior = victory.regime.prior if victory.regime else model.reference.prior
    quantiles = victory.regime.quantiles if victory.regime else None
    shares = victory.regime.shares if victory.regime else None
    values = victory.recent.values
    if victory.is_apart:
        quantiles = own_quantiles(values[:, model.schema.numeric])
    if victory.has_own_shares and len(values):
        shares = own_shares(model.schema, values)
    is_taught = victory.winner != UNCORRECTED
    return Regime(prior, len(values), victory.contest.since_ms, quantiles, is_taught, shares)


def _scores(model: Model, serving: Serving, rows: Rows) -> np.ndarray:
    return compile_model(model, serving.adapter).score(rows.values).score
