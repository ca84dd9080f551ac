"""What labels tell: figures, a decline, a winner, something to learn."""

from dataclasses import replace
from functools import partial

from healer.contest import ENOUGH_OF_DECLINE, Contest
from healer.judging import judged
from healer.label_heal import (
    Victory,
    decline_began_ms,
    followed,
    label_heal,
    lesson_rows,
)
from healer.lessons import School, lesson, rehearsal
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

_DECLINED = (0.01, 0.05)
"""The same where labels say so alone: they may have turned wrong, which blurs, so no more blur."""

_LOST = (0.3, 0.5)
"""The same where nothing but labels can heal: what serves is wrong, and waiting has its price."""


_REFRESHED = (0.1, 0.4)
"""The same for a later lesson in place of an earlier one that serves."""


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
    if not contest.has_declined or memory.declined == evidence.served.epoch:
        return memory, ()
    began_ms = decline_began_ms(contest, evidence)
    alarm = Alarm(
        drift="concept",
        detector="label_loss",
        features=(),
        statistic=contest.log_decline,
        threshold=ENOUGH_OF_DECLINE,
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
    """Who has won; with less evidence where what serves is known to be of another regime.

    With less, too, where labels have taught what serves: a later lesson of the same regime is
    likelier to help than not. Not for what takes their lessons back.
    """
    contest = memory.contest
    if memory.alarmed_at is not None:
        return contest.winner_at(*(_LOST if memory.is_lost else _DRIFTING))
    if memory.declined == memory.epoch:
        return contest.winner_at(*_DECLINED)
    winner = contest.winner
    if winner is None and memory.regime is not None and memory.regime.is_taught:
        return contest.winner_at(*_REFRESHED, among=contest.corrections)
    return winner


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


def lesson_due(memory: SelfhealMemory, evidence: Evidence) -> Study:
    """Teach the contenders what the labels of this regime say by now."""
    contest, rows = memory.contest, lesson_rows(memory.contest, evidence)
    school = School(evidence.served, evidence.model, evidence.settings.seed, evidence.costs)
    teach = lesson if contest.learned else rehearsal
    return Study(lambda: Studied(teach(contest, rows, school)))


def learned(memory: SelfhealMemory, studied: Studied) -> SelfhealMemory:
    """With what a lesson taught; one that ends after its regime, or its version, comes too late."""
    contest, taught = memory.contest, studied.memory
    if (taught.epoch, taught.since_ms) != (contest.epoch, contest.since_ms):
        return memory
    return replace(memory, contest=contest.learned_from(taught))
