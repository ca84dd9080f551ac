"""Does the stream still look like the regime of the serving version?"""

from dataclasses import replace

from healer.policies.selfheal.memory import SelfhealMemory, Step
from healer.policy import Alarm, Clear, Evidence
from healer.prior_check import prior_check
from healer.regime_check import RegimeCheck, regime_check
from selfheal.records.event_fields import DriftKind

CALM = 0.8
"""Share of the alarm's threshold below which an alarm is over: between the two it stays one."""


def checked(memory: SelfhealMemory, evidence: Evidence) -> tuple[RegimeCheck, int]:
    """The newest rows against the regime of the serving version, and the onset's time."""
    codes, event_ms = memory.rows.since(memory.began_ms)
    check = regime_check(codes, memory.rows.bins, evidence.settings.alarm_rate)
    if check.is_alarm:
        return check, int(event_ms[-check.rows])
    of_prior, onset_ms = _prior_checked(memory, evidence)
    return (of_prior, onset_ms) if of_prior.excess > check.excess else (check, 0)


def _prior_checked(memory: SelfhealMemory, evidence: Evidence) -> tuple[RegimeCheck, int]:
    """The share of frauds against that of the regime, while no feature has moved."""
    lift, event_ms = memory.odds.since(memory.began_ms)
    reference, regime = evidence.model.reference, memory.regime
    prior = regime.prior if regime else reference.prior
    known_rows = float(regime.rows if regime else reference.distinct.sum())
    check = prior_check(lift, prior, known_rows, evidence.settings.alarm_rate)
    return check, int(event_ms[-check.rows]) if check.is_alarm else 0


def told(memory: SelfhealMemory, check: RegimeCheck, onset_ms: int, evidence: Evidence) -> Step:
    """An alarm while the check finds one, and once its end."""
    if not check.is_alarm:
        if memory.alarmed_at is None or check.excess > CALM:
            return memory, ()
        return replace(memory, alarmed_at=None, onset_ms=0, is_lost=False, is_barred=False), (
            Clear("ks"),
        )
    names = evidence.model.schema.numeric_names
    alarm = Alarm(
        drift=_kind(check),
        detector="ks" if check.features else "likelihood",
        features=tuple(names[i] for i in check.features),
        statistic=check.distance,
        threshold=check.threshold,
        rows=check.rows,
        onset_ms=onset_ms,
    )
    if memory.alarmed_at is None:
        memory = replace(memory, alarmed_at=memory.tested, onset_ms=onset_ms)
    return memory, (alarm,)


def _kind(check: RegimeCheck) -> DriftKind:
    """One feature alone is no change of the prior; many may be."""
    if not check.features:
        return "prior"
    return "unknown" if len(check.features) > 1 else "covariate"
