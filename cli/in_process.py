"""The scorer's core and the healer's core in one process, without a broker.

The same functions that the services call, in the same order: score a batch, give it to the healer,
join labels, step the healer, publish, swap. Every row is sampled; a heal ends before the next batch
begins, or some rows later, as beside a running stream.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from consumer import live as live_model
from consumer.decoding import Transactions
from consumer.scoring import Scored, score
from healer.actions import Action, Ask, PointAnew, PointBack, Publish, Say, Train, reason_of
from healer.core import Healer
from healer.policy import Policy
from healer.policy_settings import HealingSettings
from healer.publishing import serving_in, snapshot_of, versions_in
from healer.window import ScoredRows
from registry.acceptance import Acceptance
from registry.feed import AdapterFeed, Swap
from registry.publish import Publisher
from registry.record import RegistryRecord
from selfheal.model.costs import Costs
from selfheal.model.model import Model
from selfheal.records.events import Event
from selfheal.records.feedback import Label
from selfheal.records.label_requests import LabelRequest
from selfheal.records.thresholds import Thresholds


class InProcess:
    """A running system in miniature. `feed` is its only verb.

    events: what the healer told, in order; requests: the labels that it asked for
    now_ms: the latest event time so far, the clock of all this

    job_rows: that are scored between the beginning of a job and its outcome
    """

    def __init__(
        self,
        model: Model,
        policy: Policy,
        settings: HealingSettings,
        thresholds: Thresholds | None = None,
        costs: Costs | None = None,
        job_rows: int = 0,
    ) -> None:
        self._job_rows = job_rows
        self._under_way: tuple[int, Train] | None = None
        self._rows = 0
        self._model, self._policy, self._settings = model, policy, settings
        self._live = live_model.base(model)
        self._feed = AdapterFeed(Acceptance())
        self._publisher = Publisher(None, model.hash, model.threshold)
        self.healer = Healer(policy, model, settings, thresholds, costs=costs)
        self.events: list[Event] = []
        self.requests: list[LabelRequest] = []
        self.now_ms = 0

    @property
    def live(self) -> live_model.Live:
        """What serves the next batch."""
        return self._live

    def feed(
        self,
        ids: Sequence[str],
        event_ms: NDArray[np.int64],
        values: NDArray[np.float64],
        labels: Sequence[Label],
    ) -> Scored:
        """Score a batch, then let the healer see it and the labels that are due by now.

        ids:      each for one row only: labels are joined by them
        event_ms: (n,), n > 0
        values:   (n, f) float64 raw values
        """
        self.now_ms = max(self.now_ms, int(event_ms.max()))
        batch = Transactions(np.arange(len(ids)), list(ids), event_ms, values)
        scored = score(batch, self._live, self._settings.conflict_min)
        self.healer.observe_rows(_sampled(scored, self._live))
        for label in labels:
            self.healer.observe(label)
        self._rows += len(ids)
        self._carry_out(self._finished(), self.now_ms)
        self._carry_out(self.healer.step(self.now_ms), self.now_ms)
        return scored

    def _carry_out(self, actions: list[Action], now_ms: int) -> None:
        for action in actions:
            match action:
                case Say(event):
                    self.events.append(event)
                case Ask(requests):
                    self.requests += requests
                case Train():
                    self._under_way = (self._rows + self._job_rows, action)
                    self._carry_out(self._finished(), now_ms)
                case Publish():
                    self._publish(action, now_ms)
                case PointBack():
                    self._point_back(action, now_ms)
                case PointAnew():
                    self._point_anew(action, now_ms)

    def _finished(self) -> list[Action]:
        """What follows from a job that has taken its time by now."""
        if self._under_way is None or self._rows < self._under_way[0]:
            return []
        (_, action), self._under_way = self._under_way, None
        return self._trained(action, self.now_ms)

    def _trained(self, action: Train, now_ms: int) -> list[Action]:
        """What follows from a heal; one that fails leaves what serves, as in the service."""
        try:
            outcome = action.job()
        except Exception as error:  # the same that the service keeps from the watch over the stream
            return self.healer.failed(type(error).__name__, now_ms)
        return self.healer.finish(outcome, now_ms)

    def _publish(self, action: Publish, now_ms: int) -> None:
        view = self._feed.view
        version = view.next_version
        snapshot = snapshot_of(
            action.proposal,
            version,
            action.trigger,
            self._policy.name,
            self.healer.served,
            self._model,
            now_ms,
        )
        parent = self.healer.served.version
        self._write(self._publisher.publish(view, snapshot, action.trigger, now_ms))
        self._carry_out(self.healer.published(action, parent), now_ms)

    def _point_back(self, action: PointBack, now_ms: int) -> None:
        previous, intent = self.healer.served.version, action.intent
        self._point(intent.version, reason_of(intent), now_ms, intent.threshold)
        self._carry_out(self.healer.pointed_back(intent, previous, now_ms), now_ms)

    def _point_anew(self, action: PointAnew, now_ms: int) -> None:
        before, intent = self.healer.served, action.intent
        self._point(before.version, reason_of(intent), now_ms, intent.threshold)
        self._carry_out(self.healer.pointed_anew(intent, before.threshold), now_ms)

    def _point(self, version: str, reason: str, now_ms: int, threshold: float | None) -> None:
        view = self._feed.view
        self._write(self._publisher.activate(view, version, reason, now_ms, threshold))

    def _write(self, records: tuple[RegistryRecord, ...]) -> None:
        for step in self._feed.update(records):
            if isinstance(step, Swap):
                self._live = live_model.swapped(self._live, step)
        view = self._feed.view
        self.healer.serve(serving_in(view, self._model), versions_in(view, self._model))


def _sampled(scored: Scored, live: live_model.Live) -> ScoredRows:
    """Every row of the batch, as the records of its samples and conflicts would tell of it."""
    count = len(scored.transactions)
    return ScoredRows(
        ids=scored.transactions.ids,
        event_ms=scored.transactions.event_ms,
        values=scored.transactions.values,
        score=scored.score,
        shadow_score=scored.shadow_score,
        epoch=np.full(count, live.epoch),
        weight=np.ones(count),
        conflict=scored.conflict,
    )
