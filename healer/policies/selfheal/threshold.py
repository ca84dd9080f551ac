"""Where the operator named costs: every version serves at the threshold at which they are least.

Nobody who named no costs ever has a threshold moved. To keep the share of alerts where only labels
can help was measured, and lost F1 and money wherever it won accuracy (docs/healing.md, Costs).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from healer.calibration import Calibration, own_calibration
from healer.evidence import Rows
from healer.operating_point import Recent, operating_threshold, worth_moving
from healer.policies.selfheal.doubt import doubt
from healer.policies.selfheal.memory import SelfhealMemory, Step
from healer.policy import Evidence, Heal, Intent, MoveThreshold, Proposal, Restore, RollBack
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.costs import Costs
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION

FEWEST_ROWS = 500
"""Of a regime, before its alarms are counted."""

_LABELLED_ROWS = 2000
"""Newest labels that are asked what a threshold would have cost."""

_OPEN = np.diag([0.3, 1.0]) ** 2
"""Covariance of calibration's scale and shift that a drift, or an adapter, adds to the model's."""


def at_operating_point(
    memory: SelfhealMemory, intents: tuple[Intent, ...], evidence: Evidence
) -> Step:
    """The same intents with their thresholds, or a move of the threshold of what serves."""
    costs = evidence.costs
    if costs is None:
        return memory, intents
    intents = tuple(_priced(intent, costs, memory, evidence) for intent in intents)
    if evidence.is_healing or any(isinstance(i, Heal | Restore | RollBack) for i in intents):
        return memory, intents
    memory, moves = _moved(memory, costs, evidence)
    return memory, (*intents, *moves)


def _moved(memory: SelfhealMemory, costs: Costs, evidence: Evidence) -> Step:
    """A look at the operating point every half window, and when another regime has enough rows."""
    since_ms, seen = max(memory.began_ms, memory.onset_ms), evidence.window.samples_seen
    pause = evidence.settings.window_rows // 2
    if since_ms == memory.priced_since_ms and seen < memory.priced_at + pause:
        return memory, ()
    rows = evidence.window.newest(evidence.settings.window_rows).since(since_ms)
    if len(rows) < FEWEST_ROWS:
        return memory, ()
    memory = replace(memory, priced_at=seen, priced_since_ms=since_ms)
    labelled = _labels(memory, since_ms, evidence)
    belief = _belief(memory, evidence.served.version, evidence.model)
    recent = _recent(rows, labelled, evidence.served.adapter, evidence.model, belief)
    now, wanted = evidence.served.threshold, operating_threshold(costs, recent)
    cause = worth_moving(costs, recent, now, wanted)
    if cause is None:
        return memory, ()
    move = MoveThreshold(
        threshold=wanted,
        cause=cause,
        alert_share=recent.alert_share(wanted),
        previous_alert_share=recent.alert_share(now),
        rows=len(rows),
        labelled_rows=len(labelled),
    )
    return memory, (move,)


def _priced(intent: Intent, costs: Costs, memory: SelfhealMemory, evidence: Evidence) -> Intent:
    """The intent with the threshold at which what it proposes is to serve.

    A version that served before has one already, the backbone alone does not.
    """
    match intent:
        case Heal():
            rows = evidence.window.newest(evidence.settings.window_rows)
            taught = memory.contest.seen - memory.contest.unseen
            labelled = evidence.window.joined(max(0, taught))
            pricing = Pricing(costs, rows, labelled, evidence.model)
            return replace(intent, job=partial(priced_heal, intent.job, pricing))
        case Restore(version=version) | RollBack(version=version) if version == BASE_VERSION:
            rows = evidence.window.newest(NEWEST_ROWS)
            belief = _belief(memory, version, evidence.model)
            recent = _recent(rows, rows.part(slice(0)), None, evidence.model, belief)
            return replace(intent, threshold=operating_threshold(costs, recent))
        case _:
            return intent


@dataclass(frozen=True, slots=True, eq=False)
class Pricing:
    """What a candidate's threshold is chosen from.

    rows:     newest ones; labelled: whose labels taught no contender
    """

    costs: Costs
    rows: Rows
    labelled: Rows
    model: Model


def priced_heal(job: Callable[[], Proposal], pricing: Pricing) -> Proposal:
    """What the job proposes, at the operating point of the candidate. A job itself."""
    proposal = job()
    if proposal.adapter is None:
        return proposal
    recent = _recent(
        pricing.rows.since(proposal.first_event_ms),
        pricing.labelled.since(proposal.first_event_ms),
        proposal.adapter,
        pricing.model,
        _open_belief(pricing.model),
    )
    return replace(proposal, threshold=operating_threshold(pricing.costs, recent))


def _labels(memory: SelfhealMemory, since_ms: int, evidence: Evidence) -> Rows:
    """Newest labelled rows of the regime, none of which has taught what serves."""
    first = max(memory.taught_by, evidence.window.labels_joined - _LABELLED_ROWS)
    return evidence.window.joined(first).since(since_ms)


def _belief(memory: SelfhealMemory, version: str, model: Model) -> Calibration:
    """What is known of a version's probabilities before labels tell more."""
    is_at_home = version == BASE_VERSION and doubt(memory) is None
    return own_calibration(model) if is_at_home else _open_belief(model)


def _open_belief(model: Model) -> Calibration:
    own = own_calibration(model)
    return Calibration(own.scale, own.shift, own.covariance + _OPEN)


def _recent(
    rows: Rows, labelled: Rows, adapter: Adapter | None, model: Model, belief: Calibration
) -> Recent:
    compiled = compile_model(model, adapter)
    return Recent(
        logit=compiled.score(rows.values).logit.astype(np.float64),
        weight=rows.weight,
        labelled_logit=compiled.score(labelled.values).logit.astype(np.float64),
        label=labelled.label,
        calibration=belief,
    )
