"""Where the operator named costs: every version serves at the threshold at which they are least.

Nobody who named no costs ever has a threshold moved. To keep the share of alerts where only labels
can help was measured, and lost F1 and money wherever it won accuracy (docs/healing.md, Costs).
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from healer.calibration import Calibration, own_calibration
from healer.evidence import Rows
from healer.operating_point import operating_threshold, worth_moving
from healer.policies.selfheal.doubt import doubt
from healer.policies.selfheal.memory import SelfhealMemory, Step
from healer.policy import Evidence, Heal, Intent, MoveThreshold, Proposal, Restore, RollBack
from healer.pricing import Pricing, open_belief
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.model.costs import Costs
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION

FEWEST_ROWS = 500
"""Of a regime, before its alarms are counted."""

_LABELLED_ROWS = 2000
"""Newest labels that are asked what a threshold would have cost."""


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
    pricing = Pricing(costs, rows, labelled, evidence.model)
    belief = _belief(memory, evidence.served.version, evidence.model)
    recent = pricing.recent(evidence.served.adapter, belief)
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
            rows, labelled = _rows_of_backbone(intent, memory, evidence)
            belief = _belief(memory, version, evidence.model)
            pricing = Pricing(costs, rows, labelled, evidence.model)
            return replace(intent, threshold=pricing.threshold(None, belief))
        case _:
            return intent


def priced_heal(job: Callable[[], Proposal], pricing: Pricing) -> Proposal:
    """What the job proposes, at the operating point of the candidate. A job itself."""
    proposal = job()
    if proposal.adapter is None:
        return proposal
    since_ms = proposal.first_event_ms
    rows, labelled = pricing.rows.since(since_ms), pricing.labelled.since(since_ms)
    pricing = replace(pricing, rows=rows, labelled=labelled)
    return replace(proposal, threshold=pricing.threshold(proposal.adapter))


def _rows_of_backbone(
    intent: Restore | RollBack, memory: SelfhealMemory, evidence: Evidence
) -> tuple[Rows, Rows]:
    """What the backbone's threshold is chosen from: rows, and labelled ones, which taught it not.

    A regime that is back has no more than the newest rows, and no label yet.
    """
    window = evidence.window
    if isinstance(intent, Restore):
        rows = window.newest(NEWEST_ROWS)
        return rows, rows.part(slice(0))
    since_ms = memory.contest.since_ms
    labelled = window.joined(max(0, window.labels_joined - _LABELLED_ROWS))
    return window.newest(evidence.settings.window_rows).since(since_ms), labelled.since(since_ms)


def _labels(memory: SelfhealMemory, since_ms: int, evidence: Evidence) -> Rows:
    """Newest labelled rows of the regime, none of which has taught what serves."""
    first = max(memory.taught_by, evidence.window.labels_joined - _LABELLED_ROWS)
    return evidence.window.joined(first).since(since_ms)


def _belief(memory: SelfhealMemory, version: str, model: Model) -> Calibration:
    """What is known of a version's probabilities before labels tell more."""
    is_at_home = version == BASE_VERSION and doubt(memory) is None
    return own_calibration(model) if is_at_home else open_belief(model)
