"""A stream through the scorer's and the healer's core in one process, its labels late."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from cli.in_process import InProcess
from healer.policies import SELFHEAL
from healer.policy_settings import HealingSettings
from producer.labels import Labeller, LabelPolicy
from producer.rows import Population, Rows, join_rows
from selfheal.model.costs import Costs
from selfheal.model.metrics import Metrics, measure
from selfheal.model.model import Model
from selfheal.records.events import Event
from selfheal.records.feedback import Label

BATCH = 100


def stretch(*parts: tuple[Population, int], seed: int) -> Rows:
    """So many rows of one population after the other."""
    rng = np.random.default_rng(seed)
    drawn = [p.draw(rng, np.arange(rows), np.linspace(0.0, 1.0, rows)) for p, rows in parts]
    return join_rows(drawn)


@dataclass
class PolicyRun:
    """Feeds a stream batch by batch, and keeps what was served.

    restarts: rows at which the healer begins anew, as another leader would
    job_rows: that are scored while a heal, or a lesson, is under way
    """

    model: Model
    rows: Rows
    labels: LabelPolicy
    seed: int = 0
    restarts: Sequence[int] = ()
    costs: Costs | None = None
    job_rows: int = 0
    score: np.ndarray = field(init=False)
    shadow_score: np.ndarray = field(init=False)
    decision: np.ndarray = field(init=False)
    versions: list[str] = field(init=False, default_factory=list)
    thresholds: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        place = np.arange(len(self.rows))
        self._given = Labeller(self.labels, self.seed).give(self.rows, place, place)
        self.system = InProcess(
            self.model, SELFHEAL, HealingSettings(), costs=self.costs, job_rows=self.job_rows
        )
        scored = [self._batch(first) for first in range(0, len(place), BATCH)]
        self.score = np.concatenate([each.score for each in scored])
        self.shadow_score = np.concatenate([each.shadow_score for each in scored])
        self.decision = np.concatenate([each.decision for each in scored])

    @property
    def events(self) -> Iterable[Event]:
        return self.system.events

    def of_kind(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]

    def figures(self, first: int, last: int | None = None) -> Metrics:
        """What was served of these rows, against the truth."""
        part = slice(first, last)
        return measure(self.rows.labels[part], self.score[part], self.model.threshold)

    def frozen(self, first: int, last: int | None = None) -> Metrics:
        """The same of the backbone alone."""
        part = slice(first, last)
        return measure(self.rows.labels[part], self.shadow_score[part], self.model.threshold)

    def _batch(self, first: int):
        place = np.arange(first, min(first + BATCH, len(self.rows)))
        due = (self._given.due >= first) & (self._given.due < first + BATCH)
        labels = [
            Label(f"row-{row}", int(label), int(at))
            for row, label, at in zip(
                self._given.position[due],
                self._given.labels[due],
                self._given.due[due],
                strict=True,
            )
        ]
        if any(first <= row < first + BATCH for row in self.restarts):
            self.system.healer.begin()
        self.versions.append(self.system.live.version)
        self.thresholds += [self.system.live.threshold] * len(place)
        ids = [f"row-{row}" for row in place]
        return self.system.feed(ids, place, self.rows.values[place], labels)
