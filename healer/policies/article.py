"""The policy `article`: the self-healing fraud article's recipe as published, faults included.

A batch of 100 labelled rows heals when FIDI or five conflicts say so, by five gradient steps on
that very batch; every heal is published; a rolling watch restores the best post-heal version.
Kept faithful for comparison; docs/healing.md lists what is wrong with it.
"""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from healer.evidence import Rows
from healer.judging import judged
from healer.policy import (
    Alarm,
    Clear,
    Evidence,
    Heal,
    Intent,
    Judge,
    Policy,
    Proposal,
    RollBack,
    Trigger,
)
from registry.article_rollback import ArticleRollback, ArticleThresholds
from selfheal.drift.fidi import fidi
from selfheal.model.metrics import measure
from selfheal.model.model import Model

if TYPE_CHECKING:
    from healer.adam import Adam

_MEANS = 10
"""FIDI looks at the mean of the last so many batch means ..."""

_FIRST_MEANS = 3
"""... from the third batch on."""


@dataclass(frozen=True, slots=True, eq=False)
class ArticleMemory:
    """What the recipe remembers.

    seen:      labelled rows that were looked at
    means:     of the key feature, of the last batches
    learner:   the one persistent optimiser; None before the first heal
    health:    the rolling watch
    published: (version, F1 on the batch that it was trained on) of every heal
    """

    seen: int = 0
    means: tuple[float, ...] = ()
    learner: "Adam | None" = None
    health: ArticleRollback = field(default_factory=ArticleRollback)
    published: tuple[tuple[str, float], ...] = ()


def _start(evidence: Evidence) -> ArticleMemory:
    """A healer that starts anew judges no batch twice.

    torch takes seconds to load: now, rather than in the first heal.
    """
    import healer.article_recipe  # noqa: PLC0415, F401  # pyright: ignore[reportUnusedImport]

    return ArticleMemory(seen=evidence.window.labels_joined)


def _heal(**arguments: Any) -> Proposal:
    from healer.article_recipe import article_heal  # noqa: PLC0415  (torch takes seconds to load)

    return article_heal(**arguments)


def _step(memory: ArticleMemory, evidence: Evidence) -> tuple[ArticleMemory, tuple[Intent, ...]]:
    """Look at every whole batch that has arrived; only the newest may heal."""
    rows, size = evidence.window, evidence.settings.batch_rows
    intents: list[Intent] = []
    while rows.labels_joined - memory.seen >= size:
        batch = rows.joined(memory.seen, size)
        is_newest = rows.labels_joined - memory.seen < 2 * size
        memory = replace(memory, seen=memory.seen + size)
        memory, told = _look(memory, batch, evidence, is_newest)
        intents += told
    return memory, tuple(intents)


def _look(
    memory: ArticleMemory, batch: Rows, evidence: Evidence, may_heal: bool
) -> tuple[ArticleMemory, list[Intent]]:
    figures = measure(batch.label, batch.score, evidence.served.threshold)
    memory, z = _with_fidi(memory, batch, evidence)
    health = _health(memory, evidence).with_batch(figures.accuracy, figures.f1)
    memory = replace(memory, health=health)
    intents: list[Intent] = [Judge(judged(batch, evidence, z))]
    trigger = _trigger(z, int(batch.conflict.sum()), evidence)
    intents.append(_alarm(z, batch, evidence) if trigger else Clear())
    rollback = _roll_back(memory, evidence, len(batch))
    if rollback is not None:
        return memory, [*intents, rollback]
    if trigger and may_heal and not evidence.is_healing:
        job = partial(
            _heal,
            model=evidence.model,
            served=evidence.served.adapter,
            learner=memory.learner,
            batch=batch,
            settings=evidence.settings,
        )
        intents.append(Heal(trigger, len(batch), len(batch), job))
    return memory, intents


def _absorb(memory: ArticleMemory, proposal: Proposal, version: str | None) -> ArticleMemory:
    gate = proposal.gate
    if version is None or gate.accuracy is None:
        return memory  # nothing serves of this heal, so the next one begins without it
    f1 = gate.f1 or 0.0
    return replace(
        memory,
        learner=proposal.memory,
        health=memory.health.with_baseline(gate.accuracy, f1),
        published=(*memory.published, (version, f1)),
    )


def _with_fidi(
    memory: ArticleMemory, batch: Rows, evidence: Evidence
) -> tuple[ArticleMemory, float]:
    """FIDI of the last batch means; nan before the third batch, and for one without a value."""
    index = key_feature(evidence.model, evidence.settings.key_feature)
    column = batch.values[:, evidence.model.schema.numeric[index]]
    if np.isnan(column).all():
        return memory, float("nan")
    memory = replace(memory, means=(*memory.means, float(np.nanmean(column)))[-_MEANS:])
    if len(memory.means) < _FIRST_MEANS:
        return memory, float("nan")
    reference = evidence.model.reference
    return memory, fidi(memory.means, float(reference.mean[index]), float(reference.sd[index]))


def key_feature(model: Model, name: str) -> int:
    """Which of the numeric features FIDI watches.

    The one that is named; else the one whose classes lie furthest apart in training.
    """
    names = model.schema.numeric_names
    if name in names:
        return names.index(name)
    reference = model.reference
    apart = np.abs(reference.class_mean[1] - reference.class_mean[0]) / np.maximum(
        reference.sd, 1e-12
    )
    return int(np.nanargmax(apart))


def _trigger(z: float, conflicts: int, evidence: Evidence) -> Trigger | None:
    if z > evidence.settings.fidi_threshold:
        return "drift"
    return "conflicts" if conflicts >= evidence.settings.conflict_trigger else None


def _alarm(z: float, batch: Rows, evidence: Evidence) -> Alarm:
    index = key_feature(evidence.model, evidence.settings.key_feature)
    name = evidence.model.schema.numeric_names[index]
    is_shift = z > evidence.settings.fidi_threshold
    return Alarm(
        drift="covariate" if is_shift else "unknown",
        detector="fidi" if is_shift else "conflicts",
        features=(name,),
        statistic=z if is_shift else float(batch.conflict.sum()),
        threshold=evidence.settings.fidi_threshold
        if is_shift
        else float(evidence.settings.conflict_trigger),
        rows=len(batch),
        onset_ms=int(batch.event_ms.min()),
    )


def _health(memory: ArticleMemory, evidence: Evidence) -> ArticleRollback:
    """The watch with the thresholds that operations set."""
    limits = evidence.thresholds
    return replace(
        memory.health,
        thresholds=ArticleThresholds(
            limits.rollback_f1_drop, limits.rollback_acc_drop, limits.health_window
        ),
    )


def _roll_back(memory: ArticleMemory, evidence: Evidence, rows: int) -> RollBack | None:
    """Restore the post-heal version with the best F1, never the clean weights."""
    fault = memory.health.fault() if evidence.settings.rollback_is_on else None
    if fault is None or not memory.published:
        return None
    best, _ = max(memory.published, key=lambda version: version[1])
    if best == evidence.served.version or best not in evidence.versions:
        return None
    if fault.measure == "f1":
        return RollBack(best, "f1_drop", rows, f1_drop=fault.drop)
    return RollBack(best, "accuracy_drop", rows, accuracy_drop=fault.drop)


ARTICLE = Policy(name="article", start=_start, step=_step, absorb=_absorb)
