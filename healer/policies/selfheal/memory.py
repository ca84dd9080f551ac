"""What the policy `selfheal` remembers between steps."""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from healer.contest import Contest
from healer.policy import Evidence, Intent
from healer.prior_check import FraudOdds, fraud_odds
from healer.regime import Regime
from healer.regime_rows import RegimeRows, regime_rows
from selfheal.records.adapters import BASE_VERSION

NO_DECLINE = -1


@dataclass(frozen=True, slots=True)
class SelfhealMemory:
    """What the policy remembers.

    tested:     samples seen at the last test
    was_healing: at that test a job was under way, so that nothing else could begin
    regime:     of the serving version; None for that of the training rows
    version:    that serves; epoch: of the pointer to it
    fitted:     rows of the regime when it was last fitted
    alarmed_at: samples seen when the alarm began, or when a heal answered it; None without one
    began_ms:   event time from which rows belong to the regime of the serving version
    onset_ms:   estimated event time at which the drift of the alarm began; 0 without one
    is_of_shares: the alarm is of levels and missing values alone, which no map answers
    declined:   epoch of the version that labels have shown to do worse than it did
    retry_at:   samples seen before which no label-free heal is tried
    is_lost:    the drift is one that no map can answer, and only labels can
    is_barred:  labels refuted a label-free heal of this episode: only labels may heal it now
    judged:     labelled rows that were judged in batches
    confirmed:  epoch of the version that the labels have confirmed, told once
    contest:    of what was learned from labels against what serves
    lesson_for: epoch and beginning of the contest that the latest lesson is for; None before one
    rows:       the newest ones, as the regime sees them; odds: theirs, of being frauds
    priced_at:  samples seen at the last look at the operating point; 0 before the first
    priced_since_ms: event time from which rows belonged to its regime; None before the first
    taught_by:  labels joined before what serves began to serve, which may have learned from them
    """

    tested: int = 0
    was_healing: bool = False
    regime: Regime | None = None
    version: str = ""
    epoch: int = 0
    fitted: int = 0
    alarmed_at: int | None = None
    began_ms: int = 0
    onset_ms: int = 0
    is_of_shares: bool = False
    declined: int = NO_DECLINE
    retry_at: int = 0
    is_lost: bool = False
    is_barred: bool = False
    judged: int = 0
    confirmed: int = 0
    contest: Contest = field(default_factory=lambda: Contest(epoch=-1, since_ms=0))
    lesson_for: tuple[int, int] | None = None
    rows: RegimeRows = field(default_factory=RegimeRows)
    odds: FraudOdds = field(default_factory=FraudOdds)
    priced_at: int = 0
    priced_since_ms: int | None = None
    taught_by: int = 0


Step: TypeAlias = tuple[SelfhealMemory, tuple[Intent, ...]]
"""What is remembered from now on, and what is to be done."""


def caught_up(memory: SelfhealMemory, evidence: Evidence) -> SelfhealMemory:
    """The memory after more rows, and after a change of what serves, whoever made it."""
    served = evidence.served
    if served.version == memory.version and served.epoch != memory.epoch:
        memory = _pointed_anew(memory, served.epoch)
    if served.epoch != memory.epoch:
        regime = Regime.read(served.regime)  # stored with the version
        rows, onset_ms = (regime.rows, regime.onset_ms) if regime else (0, 0)
        began_ms = max(memory.began_ms, onset_ms)
        memory = replace(
            memory,
            regime=regime,
            version=served.version,
            epoch=served.epoch,
            fitted=rows,
            began_ms=began_ms,
            taught_by=_taught_by(evidence),
        )
    rows = regime_rows(memory.rows, memory.regime, evidence)
    return replace(memory, rows=rows, odds=fraud_odds(memory.odds, memory.regime, evidence))


def _pointed_anew(memory: SelfhealMemory, epoch: int) -> SelfhealMemory:
    """The same version, at another threshold perhaps: what is known of it stays known."""
    old, contest = memory.epoch, memory.contest
    return replace(
        memory,
        epoch=epoch,
        declined=epoch if memory.declined == old else memory.declined,
        confirmed=epoch if memory.confirmed == old else memory.confirmed,
        contest=contest.at_another_threshold(epoch) if contest.epoch == old else contest,
    )


def _taught_by(evidence: Evidence) -> int:
    """Another version may have learned from all labels so far; no adapter never did from any."""
    return 0 if evidence.served.version == BASE_VERSION else evidence.window.labels_joined
