"""The policy `selfheal`: align without labels where that is possible, and never do harm.

Tests the stream against the regime of the serving version. On an alarm it serves what it knows of
this regime, or aligns the rows since the change and publishes only what fits rows it never saw.
Beside that it learns from labels as they come, and publishes what has won on newer ones, or takes
back what they refute.
"""

from dataclasses import replace

from healer.contest import FROZEN, Contest
from healer.known_regimes import known_version
from healer.label_heal import is_due
from healer.policies.selfheal.doubt import doubt
from healer.policies.selfheal.drift import checked, told
from healer.policies.selfheal.label_free import heal_without_labels
from healer.policies.selfheal.labels import (
    answered,
    batches_judged,
    best_contender,
    contested,
    heal_by_labels,
    learned,
    lesson_due,
    may_learn,
    taken_back,
)
from healer.policies.selfheal.memory import SelfhealMemory, Step, caught_up
from healer.policies.selfheal.threshold import at_operating_point
from healer.policy import Evidence, Policy, Proposal, Restore
from healer.regime_check import RegimeCheck
from healer.succession import served_by_others_ms
from selfheal.drift.change_window import NEWEST_ROWS
from selfheal.records.adapters import BASE_VERSION


def _start(evidence: Evidence) -> SelfhealMemory:
    """scikit-learn takes a second to load: now, rather than in a lesson that a heal waits for."""
    import sklearn.ensemble  # noqa: PLC0415, F401  # pyright: ignore[reportUnusedImport, reportMissingTypeStubs]

    seen = evidence.window.labels_joined
    # What serves may have learned from the labels that are there: only new ones judge it.
    contest = Contest(epoch=-1, since_ms=0, seen=seen)
    began_ms = served_by_others_ms(evidence.window, evidence.model_since)
    memory = SelfhealMemory(epoch=-1, judged=seen, contest=contest, began_ms=began_ms)
    return caught_up(memory, evidence)


def _step(memory: SelfhealMemory, evidence: Evidence) -> Step:
    if not _is_due(memory, evidence):
        return memory, ()
    tested, is_healing = evidence.window.samples_seen, evidence.is_healing
    memory = caught_up(replace(memory, tested=tested, was_healing=is_healing), evidence)
    memory, ended = answered(memory, evidence)
    memory, judgements = batches_judged(memory, evidence)
    check, onset_ms = checked(memory, evidence)
    memory, alarms = told(memory, check, onset_ms, evidence)
    memory, decline = contested(memory, evidence)
    memory, healing = _healing(memory, check, evidence)
    intents = (*ended, *judgements, *alarms, *decline, *healing)
    return at_operating_point(memory, intents, evidence)


def _is_due(memory: SelfhealMemory, evidence: Evidence) -> bool:
    """After enough new rows, and once a job ends that kept the last look from acting."""
    rows = evidence.window.samples_seen - memory.tested
    is_free = memory.was_healing and not evidence.is_healing
    return is_free or rows >= evidence.settings.step_rows


def _healing(memory: SelfhealMemory, check: RegimeCheck, evidence: Evidence) -> Step:
    """The one thing to do now, the most certain first; another version needs no job to end."""
    if check.has_moved and (version := known_version(evidence, check.rows)) is not None:
        return _restored(memory, version, evidence)
    if check.is_alarm and memory.is_lost and evidence.served.version != BASE_VERSION:
        return memory, (Restore(BASE_VERSION, "reset"),)
    winner = best_contender(memory)
    if winner == FROZEN:
        return taken_back(memory, evidence)
    if evidence.is_healing:
        return memory, ()
    if winner is not None and may_learn(memory, evidence):
        return memory, (heal_by_labels(winner, memory, evidence),)
    memory, heal = heal_without_labels(memory, check, evidence)
    if heal is not None:
        return memory, (heal,)
    is_lesson = may_learn(memory, evidence) and is_due(memory.contest, evidence)
    return memory, (lesson_due(memory, evidence),) if is_lesson else ()


def _restored(memory: SelfhealMemory, version: str, evidence: Evidence) -> Step:
    rows = evidence.window.newest(NEWEST_ROWS)
    memory = replace(
        memory, alarmed_at=None, onset_ms=0, is_lost=False, began_ms=int(rows.event_ms.min())
    )
    return memory, (Restore(version),)


def _absorb(memory: SelfhealMemory, proposal: Proposal, version: str | None) -> SelfhealMemory:
    if version is None:
        return replace(memory, is_lost=memory.is_lost or proposal.needs_labels is not None)
    alarmed_at = None if memory.alarmed_at is None else memory.tested
    return replace(memory, alarmed_at=alarmed_at, is_lost=False, retry_at=0)


SELFHEAL = Policy(
    name="selfheal", start=_start, step=_step, absorb=_absorb, learn=learned, doubt=doubt
)
