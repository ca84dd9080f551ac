"""The watch over what serves: as labels come, is it worse than no adapter at all?"""

import numpy as np

from healer.evidence import Rows
from healer.policy import Evidence, RollBack
from registry.rollback import choose_rollback
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.records.adapters import BASE_VERSION

_FEWEST_ROWS = 50
_FEWEST_FRAUDS = 5

_CERTAIN = 2.33
"""Standard errors by which what serves must be worse: one in a hundred by chance."""

_WINDOW = 2000
"""Newest labelled rows that are looked at."""


def watch(evidence: Evidence) -> RollBack | None:
    """The rollback that the labels ask for; None where nothing serves, or nothing is wrong.

    Compares the scores as they were served with those of the shadow, on rows that were scored by
    the serving version. Where it is worse, every version is scored anew on one common window.
    """
    served = evidence.served
    if served.version == BASE_VERSION:
        return None
    first = max(0, evidence.window.labels_joined - _WINDOW)
    rows = evidence.window.joined(first)
    own = rows.part(rows.epoch == served.epoch)
    if not _is_worse(own):
        return None
    version = best_version(evidence, own)
    if version == served.version:
        return None
    before = measure(own.label, own.shadow_score)
    now = measure(own.label, own.score, served.threshold)
    return RollBack(
        version,
        "below_shadow",
        len(own),
        f1_drop=_known(before.f1 - now.f1),
        accuracy_drop=_known(before.accuracy - now.accuracy),
    )


def _is_worse(rows: Rows) -> bool:
    """The served log-loss is above the shadow's by more than chance."""
    if len(rows) < _FEWEST_ROWS or rows.label.sum() < _FEWEST_FRAUDS:
        return False
    loss = log_loss(rows.score, rows.label) - log_loss(rows.shadow_score, rows.label)
    error = float(loss.std(ddof=1)) / np.sqrt(len(rows))
    return float(loss.mean()) > _CERTAIN * error > 0.0


def log_loss(
    score: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    label: "np.ndarray[tuple[int], np.dtype[np.float64]]",
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """(n,) nat of each row."""
    clipped = np.clip(score, 1e-7, 1.0 - 1e-7)
    return -np.log(np.where(label == 1.0, clipped, 1.0 - clipped))


def best_version(evidence: Evidence, rows: Rows, besides: str | None = None) -> str:
    """The version that does best on these labelled rows, "base" among them.

    besides: a version that is not to be chosen, "base" excepted
    """
    scores = {BASE_VERSION: rows.shadow_score}
    for version, adapter in evidence.versions.items():
        if version == besides:
            continue
        logit = compile_model(evidence.model, adapter).score(rows.values).logit
        scores[version] = 0.5 * (1.0 + np.tanh(0.5 * logit.astype(np.float64)))
    return choose_rollback(scores, rows.label, rows.weight).version


def _known(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)
