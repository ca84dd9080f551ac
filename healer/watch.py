"""The watch over what serves: has it shown its worth, and which version would do best?"""

import numpy as np

from healer.evidence import Rows
from healer.judging import known
from healer.policy import Evidence
from registry.rollback import choose_rollback
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import log_losses, measure
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.healing_events import HealConfirmed

_FEWEST_ROWS = 50
_FEWEST_FRAUDS = 5

_CERTAIN = 2.33
"""Standard errors by which what serves must be better: one in a hundred by chance."""

_WINDOW = 2000
"""Newest labelled rows that are looked at."""


def confirmation(evidence: Evidence) -> HealConfirmed | None:
    """What the labels say for the version in force, once they say it for certain.

    Compares the scores as they were served with those of the shadow, on rows that were scored by
    the serving version.
    """
    served = evidence.served
    if served.version == BASE_VERSION:
        return None
    first = max(0, evidence.window.labels_joined - _WINDOW)
    rows = evidence.window.joined(first)
    own = rows.part(rows.epoch == served.epoch)
    return _confirmed(evidence, own) if _certain_gain(own) > 0.0 else None


def _confirmed(evidence: Evidence, rows: Rows) -> HealConfirmed:
    shadow = measure(rows.label, rows.shadow_score, evidence.model.threshold)
    healed = measure(rows.label, rows.score, evidence.served.threshold)
    return HealConfirmed(
        heal=0,  # the core knows its number, and puts it in
        version=evidence.served.version,
        labelled_rows=len(rows),
        accuracy=healed.accuracy,
        shadow_accuracy=shadow.accuracy,
        accuracy_lift=healed.accuracy - shadow.accuracy,
        f1=known(healed.f1),
        shadow_f1=known(shadow.f1),
    )


def _certain_gain(rows: Rows) -> float:
    """Log-loss of the shadow minus that served, nat a row; 0 where chance could explain it."""
    if len(rows) < _FEWEST_ROWS or rows.label.sum() < _FEWEST_FRAUDS:
        return 0.0
    gain = log_losses(rows.label, rows.shadow_score) - log_losses(rows.label, rows.score)
    error = float(gain.std(ddof=1)) / np.sqrt(len(rows))
    mean = float(gain.mean())
    return mean if abs(mean) > _CERTAIN * error > 0.0 else 0.0


def best_version(evidence: Evidence, rows: Rows, besides: str | None = None) -> str:
    """The version that does best on these labelled rows, "base" among them.

    besides: a version that is not to be chosen, "base" excepted
    """
    scores = {BASE_VERSION: rows.shadow_score}
    for version, stored in evidence.versions.items():
        if version == besides:
            continue
        scores[version] = compile_model(evidence.model, stored.adapter).score(rows.values).score
    return choose_rollback(scores, rows.label, rows.weight).version
