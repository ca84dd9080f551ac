"""How near the article's watch came to a rollback, from what the healer told. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from selfheal.records.events import Event
from selfheal.records.healing_events import BatchJudged, HealPublished
from selfheal.records.thresholds import Thresholds

_FIRST_JUDGED = 3


def rollback_watch(events: Sequence[Event], thresholds: Thresholds) -> dict[str, Any] | None:
    """The baseline, the largest drop below it, and the limit; None without a heal to watch.

    The baseline is the first published heal's, measured on the batch that it trained on, as the
    recipe has it; drops are those of the rolling mean over `health_window` batches.
    """
    healed = next((e for e in events if isinstance(e, HealPublished)), None)
    if healed is None or healed.accuracy is None:
        return None
    after = events[events.index(healed) :]
    judged = [e for e in after if isinstance(e, BatchJudged)]
    return {
        "f1": _measure(
            healed.f1 or 0.0,
            [batch.f1 or 0.0 for batch in judged],
            thresholds.rollback_f1_drop,
            thresholds.health_window,
        ),
        "accuracy": _measure(
            healed.accuracy,
            [batch.accuracy or 0.0 for batch in judged],
            thresholds.rollback_acc_drop,
            thresholds.health_window,
        ),
    }


def _measure(
    baseline: float, batches: list[float], limit: float, window: int
) -> dict[str, float | None]:
    means = [
        float(np.mean(batches[max(0, end - window) : end]))
        for end in range(min(_FIRST_JUDGED, window), len(batches) + 1)
    ]
    drop = baseline - min(means) if means else None
    return {"baseline": baseline, "largest_drop": drop, "limit": limit}
