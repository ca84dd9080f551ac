"""The policy `selfheal`: align without labels where that is possible, and never do harm.

Tests the stream against the regime of the serving version; on an alarm aligns the rows since the
change and publishes only what fits rows it never saw; fits again as the window grows; rolls back
what the labels, when they come, show to be worse than no adapter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from healer.judging import judged
from healer.label_free import Regime, label_free_heal
from healer.policy import (
    Alarm,
    Clear,
    Confirm,
    Evidence,
    Heal,
    Intent,
    Judge,
    Policy,
    Proposal,
    RollBack,
)
from healer.policy_settings import HealingSettings
from healer.regime_check import RegimeCheck, regime_check
from healer.watch import watch
from selfheal.drift.expected import expected

CALM = 0.8
"""Share of the alarm's threshold below which an alarm is over: between the two it stays one."""

_REFIT = 2
"""A served map is fitted again when its regime has so many times the rows of the last fit."""


@dataclass(frozen=True, slots=True)
class SelfhealMemory:
    """What the policy remembers.

    tested:     samples seen at the last test
    regime:     of the serving alignment; None while the backbone serves alone
    epoch:      of the pointer that the regime belongs to
    fitted:     rows of the regime when it was last fitted
    alarmed_at: samples seen when the alarm began, or when a heal answered it; None without one
    retry_at:   samples seen before which no label-free heal is tried
    is_barred:  labels refuted a label-free heal of this episode: only labels may heal it now
    judged:     labelled rows that were judged in batches
    confirmed:  epoch of the version that the labels have confirmed, told once
    """

    tested: int = 0
    regime: Regime | None = None
    epoch: int = 0
    fitted: int = 0
    alarmed_at: int | None = None
    retry_at: int = 0
    is_barred: bool = False
    judged: int = 0
    confirmed: int = 0


def _start(evidence: Evidence) -> SelfhealMemory:
    seen = evidence.window.labels_joined
    return _caught_up(SelfhealMemory(epoch=-1, judged=seen), evidence)


def _caught_up(memory: SelfhealMemory, evidence: Evidence) -> SelfhealMemory:
    """The memory after a change of what serves, whoever made it: its regime is stored with it."""
    served = evidence.served
    if served.epoch == memory.epoch:
        return memory
    regime = _stored_regime(served.regime)
    fitted = regime.rows if regime else 0
    return replace(memory, regime=regime, epoch=served.epoch, fitted=fitted)


def _stored_regime(stored: Mapping[str, NDArray[np.float64]]) -> Regime | None:
    if not {"prior", "rows", "onset_ms"} <= stored.keys():
        return None
    prior, rows, onset_ms = (float(stored[name]) for name in ("prior", "rows", "onset_ms"))
    return Regime(prior, int(rows), int(onset_ms))


def _step(memory: SelfhealMemory, evidence: Evidence) -> tuple[SelfhealMemory, tuple[Intent, ...]]:
    if evidence.window.samples_seen - memory.tested < evidence.settings.step_rows:
        return memory, ()
    memory = _caught_up(replace(memory, tested=evidence.window.samples_seen), evidence)
    memory, intents = _judge(memory, evidence)
    match watch(evidence):
        case RollBack() as rollback:
            return replace(memory, is_barred=True), (*intents, rollback)
        case Confirm() as confirm if memory.confirmed != evidence.served.epoch:
            memory = replace(memory, confirmed=evidence.served.epoch)
            intents = (*intents, confirm)
        case _:
            pass
    test, onset_ms = _test(memory, evidence)
    memory, told = _told(memory, test, onset_ms, evidence)
    memory, heal = _heal(memory, test, evidence)
    return memory, (*intents, *told, *heal)


def _judge(memory: SelfhealMemory, evidence: Evidence) -> tuple[SelfhealMemory, tuple[Intent, ...]]:
    """Figures of every whole batch of labelled rows that has come together."""
    rows, size = evidence.window, evidence.settings.batch_rows
    starts = range(memory.judged, rows.labels_joined - size + 1, size)
    judges = tuple(Judge(judged(rows.joined(start, size), evidence)) for start in starts)
    return replace(memory, judged=memory.judged + size * len(judges)), judges


def _absorb(memory: SelfhealMemory, proposal: Proposal, version: str | None) -> SelfhealMemory:
    del proposal
    if version is None:
        return memory
    alarmed_at = None if memory.alarmed_at is None else memory.tested
    return replace(memory, alarmed_at=alarmed_at, retry_at=0)


def _test(memory: SelfhealMemory, evidence: Evidence) -> tuple[RegimeCheck, int | None]:
    """The test of the newest rows as the serving version sees them, and the onset's time."""
    model, settings = evidence.model, evidence.settings
    rows = evidence.window.newest(settings.window_rows).in_event_order()
    if memory.regime is not None:
        rows = rows.since(memory.regime.onset_ms)
    adapter, numeric = evidence.served.adapter, model.schema.numeric
    values = adapter.align(rows.values, numeric) if adapter else rows.values
    prior = memory.regime.prior if memory.regime else model.reference.prior
    mixtures = expected(model, prior).features
    test = regime_check(values[:, numeric], mixtures, settings.alarm_rate)
    onset_ms = int(rows.event_ms[-test.rows]) if test.is_alarm else None
    return test, onset_ms


def _told(
    memory: SelfhealMemory, test: RegimeCheck, onset_ms: int | None, evidence: Evidence
) -> tuple[SelfhealMemory, tuple[Intent, ...]]:
    if not test.is_alarm:
        if memory.alarmed_at is None or test.excess > CALM:
            return memory, ()
        return replace(memory, alarmed_at=None, is_barred=False), (Clear("ks"),)
    names = evidence.model.schema.numeric_names
    alarm = Alarm(
        drift="unknown" if len(test.features) > 1 else "covariate",
        detector="ks",
        features=tuple(names[i] for i in test.features),
        statistic=test.distance,
        threshold=test.threshold,
        rows=test.rows,
        onset_ms=onset_ms,
    )
    began = memory.tested if memory.alarmed_at is None else memory.alarmed_at
    return replace(memory, alarmed_at=began), (alarm,)


def _heal(
    memory: SelfhealMemory, test: RegimeCheck, evidence: Evidence
) -> tuple[SelfhealMemory, tuple[Intent, ...]]:
    """A label-free heal after an alarm, and again when the regime has grown."""
    if evidence.is_healing or memory.is_barred or memory.tested < memory.retry_at:
        return memory, ()
    settings = evidence.settings
    rows = evidence.window.newest(settings.window_rows).in_event_order()
    since = len(rows.since(memory.regime.onset_ms)) if memory.regime else 0
    if not test.is_alarm and not _has_grown(memory, since, settings):
        return memory, ()
    job = partial(
        label_free_heal,
        model=evidence.model,
        served=evidence.served,
        regime=memory.regime,
        rows=rows,
        settings=settings,
    )
    heal = Heal("drift" if test.is_alarm else "schedule", len(rows), 0, job)
    return replace(memory, fitted=since, retry_at=_retry_at(memory, settings)), (heal,)


def _has_grown(memory: SelfhealMemory, rows: int, settings: HealingSettings) -> bool:
    """The regime has so many rows more that another fit may tell more, and the window holds them.

    So a regime is fitted a few times and then left alone.
    """
    wanted = memory.fitted * _REFIT
    return memory.regime is not None and wanted <= min(rows, settings.window_rows)


def _retry_at(memory: SelfhealMemory, settings: HealingSettings) -> int:
    """Samples seen before another try: after half of the time that the drift has lasted.

    Soon at first, as the rows that look alike are still few; at last every half window.
    """
    lasted = 0 if memory.alarmed_at is None else memory.tested - memory.alarmed_at
    pause = min(max(lasted // 2, settings.step_rows), settings.window_rows // 2)
    return memory.tested + pause


SELFHEAL = Policy(name="selfheal", start=_start, step=_step, absorb=_absorb)
