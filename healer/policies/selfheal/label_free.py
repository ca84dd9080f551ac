"""When to align without labels, and when to try again."""

from dataclasses import replace
from functools import partial

from healer.anchors import anchors_of
from healer.label_free import REFIT, label_free_heal
from healer.policies.selfheal.memory import SelfhealMemory
from healer.policy import Evidence, Heal
from healer.policy_settings import HealingSettings
from healer.regime_check import RegimeCheck


def heal_without_labels(
    memory: SelfhealMemory, check: RegimeCheck, evidence: Evidence
) -> tuple[SelfhealMemory, Heal | None]:
    """A label-free heal after an alarm, and again when the regime has grown."""
    if check.is_of_shares or memory.is_barred or memory.tested < memory.retry_at:
        return memory, None
    settings = evidence.settings
    since = memory.rows.count_since(memory.began_ms) if memory.regime else 0
    if not check.is_alarm and not _has_grown(memory, since, settings):
        return memory, None
    rows = evidence.window.newest(settings.window_rows).in_event_order()
    if not check.is_alarm:
        rows = rows.since(memory.began_ms)
    elif not check.features:  # the share of frauds alone, which no change of features dates
        rows = rows.newest(check.rows)
    elif anchors_of(evidence.model) is not None:
        # A likelihood suffers from a few clean rows; where the change began is known to a third.
        rows = rows.since(memory.onset_ms)
    job = partial(
        label_free_heal,
        model=evidence.model,
        served=evidence.served,
        regime=memory.regime,
        rows=rows,
        settings=settings,
    )
    heal = Heal("drift" if check.is_alarm else "schedule", len(rows), 0, job)
    return replace(memory, fitted=since, retry_at=_retry_at(memory, settings)), heal


def _has_grown(memory: SelfhealMemory, rows: int, settings: HealingSettings) -> bool:
    """The regime has so many rows more that another fit may tell more, and the window holds them.

    So a regime is fitted a few times and then left alone, and one that labels describe at once.
    """
    if memory.regime is None or memory.regime.is_own:
        return False
    return memory.fitted * REFIT <= min(rows, settings.window_rows)


def _retry_at(memory: SelfhealMemory, settings: HealingSettings) -> int:
    """Samples seen before another try: after half of the time that the drift has lasted.

    Soon at first, as the rows that look alike are still few; at last every quarter of a window.
    """
    lasted = 0 if memory.alarmed_at is None else memory.tested - memory.alarmed_at
    pause = min(max(lasted // 2, settings.step_rows), settings.window_rows // 4)
    return memory.tested + pause
