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

from healer.label_free import Regime, label_free_heal
from healer.policy import Alarm, Clear, Evidence, Heal, Intent, Policy, Proposal
from healer.stream_test import StreamTest, stream_test
from healer.watch import watch
from selfheal.drift.expected import expected

_REFIT = 2
"""A served map is fitted again when its window holds so many times the rows it was made from."""


@dataclass(frozen=True, slots=True)
class SelfhealMemory:
    """What the policy remembers.

    tested:      samples seen at the last test
    regime:      of the serving alignment; None while the backbone serves alone
    retry_at:    samples seen before which no label-free heal is tried
    is_alarmed:  the last test was an alarm
    epoch:       of the pointer that the regime belongs to
    is_barred:   labels refuted a label-free heal of this episode: only labels may heal it now
    """

    tested: int = 0
    regime: Regime | None = None
    retry_at: int = 0
    is_alarmed: bool = False
    is_barred: bool = False
    epoch: int = 0


def _start(evidence: Evidence) -> SelfhealMemory:
    return _caught_up(SelfhealMemory(epoch=-1), evidence)


def _caught_up(memory: SelfhealMemory, evidence: Evidence) -> SelfhealMemory:
    """The memory after a change of what serves, whoever made it: its regime is stored with it."""
    served = evidence.served
    if served.epoch == memory.epoch:
        return memory
    return replace(memory, regime=_stored_regime(served.regime), epoch=served.epoch)


def _stored_regime(stored: Mapping[str, NDArray[np.float64]]) -> Regime | None:
    if not {"prior", "rows", "onset_ms"} <= stored.keys():
        return None
    prior, rows, onset_ms = (float(stored[name]) for name in ("prior", "rows", "onset_ms"))
    return Regime(prior, int(rows), int(onset_ms))


def _step(memory: SelfhealMemory, evidence: Evidence) -> tuple[SelfhealMemory, tuple[Intent, ...]]:
    if evidence.window.samples_seen - memory.tested < evidence.settings.step_rows:
        return memory, ()
    memory = _caught_up(replace(memory, tested=evidence.window.samples_seen), evidence)
    rollback = watch(evidence)
    if rollback is not None:
        return replace(memory, is_barred=True), (rollback,)
    test, onset_ms = _test(memory, evidence)
    memory, intents = _told(memory, test, onset_ms, evidence)
    heal = _heal(memory, test, evidence)
    return memory, (*intents, *heal)


def _absorb(memory: SelfhealMemory, proposal: Proposal, version: str | None) -> SelfhealMemory:
    if version is not None:
        return replace(memory, retry_at=0)
    if memory.regime is not None and proposal.gate.reason == "no_better":
        regime = replace(memory.regime, rows=max(memory.regime.rows, proposal.rows))
        memory = replace(memory, regime=regime)
    return replace(memory, retry_at=memory.tested + max(100, proposal.rows // 2))


def _test(memory: SelfhealMemory, evidence: Evidence) -> tuple[StreamTest, int | None]:
    """The test of the newest rows as the serving version sees them, and the onset's time."""
    model, settings = evidence.model, evidence.settings
    rows = evidence.window.newest(settings.window_rows).in_event_order()
    if memory.regime is not None:
        rows = rows.since(memory.regime.onset_ms)
    adapter, numeric = evidence.served.adapter, model.schema.numeric
    values = adapter.align(rows.values, numeric) if adapter else rows.values
    prior = memory.regime.prior if memory.regime else model.reference.prior
    mixtures = expected(model, prior).features
    test = stream_test(values[:, numeric], mixtures, settings.alarm_rate)
    onset_ms = int(rows.event_ms[-test.rows]) if test.is_alarm else None
    return test, onset_ms


def _told(
    memory: SelfhealMemory, test: StreamTest, onset_ms: int | None, evidence: Evidence
) -> tuple[SelfhealMemory, tuple[Intent, ...]]:
    schema = evidence.model.schema
    if not test.is_alarm:
        cleared = (Clear("ks"),) if memory.is_alarmed else ()
        return replace(memory, is_alarmed=False, is_barred=False), cleared
    alarm = Alarm(
        drift="unknown" if len(test.features) > 1 else "covariate",
        detector="ks",
        features=tuple(schema.numeric_names[i] for i in test.features),
        statistic=test.distance,
        threshold=test.threshold,
        rows=test.rows,
        onset_ms=onset_ms,
    )
    return replace(memory, is_alarmed=True), (alarm,)


def _heal(memory: SelfhealMemory, test: StreamTest, evidence: Evidence) -> tuple[Intent, ...]:
    """A label-free heal after an alarm, and again when the regime's window has grown."""
    seen, settings = evidence.window.samples_seen, evidence.settings
    if evidence.is_healing or memory.is_barred or seen < memory.retry_at:
        return ()
    if not test.is_alarm and not _has_grown(memory, evidence):
        return ()
    rows = evidence.window.newest(settings.window_rows).in_event_order()
    job = partial(
        label_free_heal,
        model=evidence.model,
        served=evidence.served,
        regime=memory.regime,
        rows=rows,
        settings=settings,
    )
    return (Heal("drift" if test.is_alarm else "schedule", len(rows), 0, job),)


def _has_grown(memory: SelfhealMemory, evidence: Evidence) -> bool:
    regime, settings = memory.regime, evidence.settings
    if regime is None or regime.rows * _REFIT > settings.window_rows:
        return False
    rows = evidence.window.newest(settings.window_rows)
    return int(np.sum(rows.event_ms >= regime.onset_ms)) >= regime.rows * _REFIT


SELFHEAL = Policy(name="selfheal", start=_start, step=_step, absorb=_absorb)
