"""Does the stream still look like the regime of the serving version?"""

from dataclasses import replace

from healer.evidence import Integers
from healer.policies.selfheal.memory import SelfhealMemory, Step
from healer.policy import Alarm, Clear, Evidence
from healer.prior_check import prior_check
from healer.regime_check import RegimeCheck, regime_check
from healer.share_check import joined, share_check
from selfheal.model.repeated_rows import Repetition, repetition
from selfheal.model.schema import Schema
from selfheal.records.event_fields import DriftKind

CALM = 0.8
"""Share of the alarm's threshold below which an alarm is over: between the two it stays one."""


def checked(memory: SelfhealMemory, evidence: Evidence) -> tuple[RegimeCheck, int]:
    """The newest rows against the regime of the serving version, and the onset's time.

    Rows that are drawn from few ones again and again are no more than these: that is looked at
    where they would alarm, as it takes longer than the test.
    """
    codes, levels, event_ms = memory.rows.since(memory.began_ms)
    check = _check(codes, levels, memory, evidence)
    if check.is_alarm:
        rows = evidence.window.newest(evidence.settings.window_rows).in_event_order()
        repeated = repetition(rows.newest(len(codes)).values)
        if not repeated.is_new.all():
            check = _check(codes, levels, memory, evidence, repeated)
    return check, int(event_ms[-check.rows]) if check.is_alarm else 0


def _check(
    codes: Integers,
    levels: Integers,
    memory: SelfhealMemory,
    evidence: Evidence,
    repeated: Repetition | None = None,
) -> RegimeCheck:
    rate, cells = evidence.settings.alarm_rate, memory.rows.cells
    of_values = check = regime_check(codes, memory.rows.bins, rate, repeated)
    if not of_values.is_alarm:
        of_prior = _prior_checked(memory, evidence)
        check = of_prior if of_prior.excess > of_values.excess else of_values
    if cells is None:
        return check
    return joined(check, share_check(levels, cells, of_values.present, rate, repeated))


def _prior_checked(memory: SelfhealMemory, evidence: Evidence) -> RegimeCheck:
    """The share of frauds against that of the regime, while no feature has moved."""
    lift, _ = memory.odds.since(memory.began_ms)
    reference, regime = evidence.model.reference, memory.regime
    prior = regime.prior if regime else reference.prior
    known_rows = float(regime.rows if regime else reference.distinct.sum())
    return prior_check(lift, prior, known_rows, evidence.settings.alarm_rate)


def told(memory: SelfhealMemory, check: RegimeCheck, onset_ms: int, evidence: Evidence) -> Step:
    """An alarm while the check finds one, and once its end."""
    if not check.is_alarm:
        if memory.alarmed_at is None or check.excess > CALM:
            return memory, ()
        calm = replace(_values_calm(memory), alarmed_at=None, onset_ms=0, is_of_shares=False)
        return calm, (Clear(),)
    alarm = _alarm(check, onset_ms, evidence.model.schema)
    if memory.alarmed_at is None:
        return _alarmed(memory, check, onset_ms), (alarm,)
    if (
        memory.is_of_shares and not check.is_of_shares
    ):  # another drift, and one that can be answered
        return _alarmed(memory, check, onset_ms), (Clear(), alarm)
    if check.excess_of_values <= CALM:  # an alarm of values is over, and shares still alarm
        memory = replace(_values_calm(memory), is_of_shares=True)
    return memory, (alarm,)


def _alarmed(memory: SelfhealMemory, check: RegimeCheck, onset_ms: int) -> SelfhealMemory:
    return replace(
        memory, alarmed_at=memory.tested, onset_ms=onset_ms, is_of_shares=check.is_of_shares
    )


def _values_calm(memory: SelfhealMemory) -> SelfhealMemory:
    return replace(memory, is_lost=False, is_barred=False)


def _alarm(check: RegimeCheck, onset_ms: int, schema: Schema) -> Alarm:
    names = [schema.numeric_names[i] for i in check.features]
    names += [schema.names[i] for i in check.shares]
    return Alarm(
        drift=_kind(len(set(names))),
        detector=_detector(check),
        features=tuple(dict.fromkeys(names)),
        statistic=check.distance,
        threshold=check.threshold,
        rows=check.rows,
        onset_ms=onset_ms,
    )


def _detector(check: RegimeCheck) -> str:
    if check.is_of_shares:
        return "shares"
    return "ks" if check.features else "likelihood"


def _kind(features: int) -> DriftKind:
    """One feature alone is no change of the prior; many may be; none is nothing else."""
    if not features:
        return "prior"
    return "unknown" if features > 1 else "covariate"
