"""What labels tell: figures, a decline, a winner, something to learn."""

from dataclasses import replace
from functools import partial
from math import log

from healer.contest import Contest
from healer.decline import FALSE_ALARM_RATE
from healer.judging import judged
from healer.label_heal import (
    Victory,
    decline_began_ms,
    followed,
    label_heal,
    lesson_rows,
    study,
)
from healer.policies.selfheal.memory import NO_DECLINE, SelfhealMemory, Step
from healer.policy import (
    Alarm,
    Clear,
    Confirm,
    Evidence,
    Heal,
    Intent,
    Judge,
    RollBack,
    Studied,
    Study,
)
from healer.watch import best_version, confirmation
from selfheal.records.adapters import BASE_VERSION

_DRIFTING = (0.01, 0.2)
"""Rates of error, of log-loss and of blur, where what serves is known to be of another regime."""

_LOST = (0.3, 0.5)
"""The same where nothing but labels can heal: what serves is wrong, and waiting has its price."""


def answered(memory: SelfhealMemory, evidence: Evidence) -> Step:
    """A decline is over when another version serves."""
    if memory.declined in (NO_DECLINE, evidence.served.epoch):
        return memory, ()
    return replace(memory, declined=NO_DECLINE), (Clear(),)


def batches_judged(memory: SelfhealMemory, evidence: Evidence) -> Step:
    """Figures of every whole batch of labelled rows, and what they confirm."""
    rows, size = evidence.window, evidence.settings.batch_rows
    starts = range(memory.judged, rows.labels_joined - size + 1, size)
    intents: tuple[Intent, ...] = tuple(
        Judge(judged(rows.joined(start, size), evidence)) for start in starts
    )
    memory = replace(memory, judged=memory.judged + size * len(intents))
    if memory.confirmed == evidence.served.epoch or (told := confirmation(evidence)) is None:
        return memory, intents
    return replace(memory, confirmed=evidence.served.epoch), (*intents, Confirm(told))


def contested(memory: SelfhealMemory, evidence: Evidence) -> Step:
    """The contest, caught up with what serves, with the regime, and with the labels.

    Where labels show that what serves does worse than it did, all begins anew from there.
    """
    since_ms = max(memory.onset_ms, memory.began_ms)
    contest = memory.contest
    if contest.since_ms != since_ms:
        contest = Contest(evidence.served.epoch, since_ms, contest.seen)
    if contest.epoch != evidence.served.epoch:
        contest = contest.against(evidence.served.epoch)
    contest = followed(contest, evidence)
    memory = replace(memory, contest=contest)
    if not contest.decline.is_seen or memory.declined == evidence.served.epoch:
        return memory, ()
    began_ms = decline_began_ms(contest, evidence)
    alarm = Alarm(
        drift="concept",
        detector="label_loss",
        features=(),
        statistic=contest.decline.wager.log_evidence,
        threshold=-log(FALSE_ALARM_RATE),
        rows=contest.decline.wager.labels,
        onset_ms=began_ms,
    )
    # At once, so that what is learned in this very step is of the rows since.
    contest = Contest(contest.epoch, max(memory.onset_ms, began_ms), contest.seen)
    anew = replace(memory, declined=evidence.served.epoch, began_ms=began_ms, contest=contest)
    return anew, (alarm,)


def may_learn(memory: SelfhealMemory, evidence: Evidence) -> bool:
    """A model that does what it always did is left alone, even where labels could improve it."""
    is_drifting = memory.alarmed_at is not None or evidence.served.version != BASE_VERSION
    return is_drifting or memory.declined == evidence.served.epoch


def best_contender(memory: SelfhealMemory) -> str | None:
    """Who has won; with less evidence while the inputs themselves show an unanswered drift."""
    if memory.alarmed_at is None:
        return memory.contest.winner
    if memory.is_lost:
        return memory.contest.winner_at(*_LOST)
    return memory.contest.winner_at(*_DRIFTING)


def taken_back(memory: SelfhealMemory, evidence: Evidence) -> Step:
    """Labels show that no adapter at all is better than what serves."""
    rows = lesson_rows(memory.contest, evidence)
    version = best_version(evidence, rows, besides=evidence.served.version)
    return replace(memory, is_barred=True), (RollBack(version, "below_shadow", len(rows)),)


def heal_by_labels(winner: str, memory: SelfhealMemory, evidence: Evidence) -> Heal:
    """Publish what has won."""
    contest = memory.contest
    labelled = lesson_rows(contest, evidence)
    recent = evidence.window.newest(evidence.settings.window_rows).since(contest.since_ms)
    is_drifting = memory.alarmed_at is not None
    victory = Victory(
        winner=winner,
        contest=contest,
        labelled=labelled,
        recent=recent,
        regime=memory.regime,
        is_apart=is_drifting and not memory.is_of_shares,
        has_own_shares=is_drifting,
    )
    job = partial(label_heal, victory, evidence.served, evidence.model)
    return Heal("labels", len(recent), len(labelled), job)


def lesson(memory: SelfhealMemory, evidence: Evidence) -> Step:
    """Teach the contenders what the labels of this regime say by now."""
    contest = memory.contest
    rows = lesson_rows(contest, evidence)
    job = partial(study, rows, evidence.served, evidence.model, evidence.settings.seed)
    return replace(memory, lesson_for=(contest.epoch, contest.since_ms)), (Study(job),)


def learned(memory: SelfhealMemory, studied: Studied) -> SelfhealMemory:
    """With what a lesson taught; one that ends after its regime, or its version, comes too late."""
    contest = memory.contest
    if memory.lesson_for != (contest.epoch, contest.since_ms):
        return memory
    corrections, labels = studied.memory
    return replace(memory, contest=contest.taught(corrections, labels))
