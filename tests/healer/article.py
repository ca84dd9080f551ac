"""What the policy `article` is shown in its tests: labelled batches of 100, made to measure."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from healer.policies import ARTICLE
from healer.policy import Evidence, GateFigures, Proposal, Serving, Stored
from healer.policy_settings import HealingSettings
from healer.window import FeedbackWindow, ScoredRows
from selfheal.model.adapter import Adapter
from selfheal.model.model import Model
from selfheal.records.feedback import Label
from selfheal.records.thresholds import Thresholds

BATCH = 100


@dataclass
class Stage:
    """Where the policy plays: change what it is shown, add batches, and let it step.

    intents: of the last step
    """

    model: Model
    settings: HealingSettings = field(default_factory=HealingSettings)
    thresholds: Thresholds = field(default_factory=Thresholds)
    served: Serving = field(default_factory=Serving)
    versions: dict[str, Adapter] = field(default_factory=dict)
    is_healing: bool = False
    rows: int = 0

    def __post_init__(self) -> None:
        self.window = FeedbackWindow(10_000, len(self.model.schema.features))
        self.start()

    def start(self) -> None:
        """As a healer does that takes the lead."""
        self.memory: Any = ARTICLE.start(self.evidence())

    def evidence(self) -> Evidence:
        return Evidence(
            model=self.model,
            settings=self.settings,
            thresholds=self.thresholds,
            window=self.window,
            served=self.served,
            versions=self.versions,
            is_healing=self.is_healing,
        )

    def add(
        self, z: float = 0.0, conflicts: int = 0, hits: int = 10, alarms: int = 0, misses: int = 0
    ) -> None:
        """A labelled batch whose V14 lies z calibration sds above its mean.

        hits, alarms, misses: frauds that were found, false alarms, frauds that were missed
        """
        reference, v14 = self.model.reference, self.model.schema.names.index("V14")
        values = np.zeros((BATCH, len(self.model.schema.names)))
        values[:, v14] = reference.mean[v14] + z * reference.sd[v14]
        score = np.zeros(BATCH)
        score[: hits + alarms] = 1.0
        is_fraud = np.r_[np.ones(hits), np.zeros(alarms), np.ones(misses)]
        ids = [f"row-{row}" for row in range(self.rows, self.rows + BATCH)]
        rows = ScoredRows(
            ids=ids,
            event_ms=np.arange(self.rows, self.rows + BATCH),
            values=values,
            score=score,
            shadow_score=score,
            epoch=np.zeros(BATCH, dtype=np.int64),
            weight=np.ones(BATCH),
            conflict=np.arange(BATCH) < conflicts,
        )
        self.window.add_rows(rows)
        labels = np.r_[is_fraud, np.zeros(BATCH - len(is_fraud))].astype(int).tolist()
        for id_, label in zip(ids, labels, strict=True):
            self.window.add_label(Label(id_, label, self.rows))
        self.rows += BATCH

    def step(self) -> tuple[Any, ...]:
        """What the policy intends."""
        self.memory, intents = ARTICLE.step(self.memory, self.evidence())
        return intents

    def show(self, **batch: Any) -> tuple[Any, ...]:
        """Add a batch, and let the policy step."""
        self.add(**batch)
        return self.step()

    def publish(self, version: str, accuracy: float, f1: float) -> None:
        """A heal has ended in this version, with these figures of its own batch."""
        gate = GateFigures("promote", "no_gate", accuracy=accuracy, f1=f1)
        proposal = Proposal(Adapter(), gate, BATCH, BATCH, memory=f"learner of {version}")
        self.memory = ARTICLE.absorb(self.memory, proposal, version)
        self.versions[version] = Stored(Adapter())
        self.serve(version)

    def lose(self) -> None:
        """A heal has ended in nothing that serves."""
        gate = GateFigures("hold", "superseded", accuracy=0.1, f1=0.1)
        proposal = Proposal(None, gate, BATCH, BATCH, memory="lost")
        self.memory = ARTICLE.absorb(self.memory, proposal, None)

    def serve(self, version: str) -> None:
        """Point to a version."""
        self.served = Serving(version, self.served.epoch + 1)


def only(intents: tuple[Any, ...], kind: type) -> Any:
    """The one intent of this kind; None where there is none."""
    (found,) = [intent for intent in intents if isinstance(intent, kind)] or [None]
    return found
