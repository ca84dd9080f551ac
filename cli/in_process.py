"""The scorer's core and the healer's core in one process, without a broker.

The same functions that the services call, in the same order: score a batch, send feedback, join
labels, step the healer, publish, swap. A heal ends before the next batch begins.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from consumer import live as live_model
from consumer.decoding import Transactions
from consumer.sampling import Sampler
from consumer.scoring import Scored, feedback, score
from healer.actions import Action, PointBack, Publish, Say, Train
from healer.core import Healer
from healer.policy import Policy
from healer.policy_settings import HealingSettings
from healer.publishing import serving_in, snapshot_of, versions_in
from registry.acceptance import Acceptance
from registry.feed import AdapterFeed, Swap
from registry.publish import Publisher
from registry.record import RegistryRecord
from selfheal.model.model import Model
from selfheal.records.events import Event
from selfheal.records.feedback import Label

_ALL = Sampler(share=1.0)


class InProcess:
    """A running system in miniature. `feed` is its only verb.

    events: what the healer told, in order
    """

    def __init__(self, model: Model, policy: Policy, settings: HealingSettings) -> None:
        self._model, self._policy, self._settings = model, policy, settings
        self._live = live_model.base(model)
        self._feed = AdapterFeed(Acceptance())
        self._publisher = Publisher(None, model.hash, model.threshold)
        self.healer = Healer(policy, model, settings)
        self.events: list[Event] = []

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

        values: (n, f) float64 raw values; event_ms: (n,), the last one is the time of all this
        """
        now_ms = int(event_ms[-1])
        batch = Transactions(np.arange(len(ids)), list(ids), event_ms, values)
        scored = score(batch, self._live, self._settings.conflict_min)
        for record in feedback(scored, self._live, _ALL, _ALL, now_ms):
            self.healer.observe(record)
        for label in labels:
            self.healer.observe(label)
        self._carry_out(self.healer.step(now_ms), now_ms)
        return scored

    def _carry_out(self, actions: list[Action], now_ms: int) -> None:
        for action in actions:
            match action:
                case Say(event):
                    self.events.append(event)
                case Train():
                    self._carry_out(self.healer.finish(action.job(), now_ms), now_ms)
                case Publish():
                    self._publish(action, now_ms)
                case PointBack():
                    self._point_back(action, now_ms)

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
        view = self._feed.view
        self._write(self._publisher.activate(view, intent.version, intent.cause, now_ms))
        self._carry_out(self.healer.rolled_back(intent, previous), now_ms)

    def _write(self, records: tuple[RegistryRecord, ...]) -> None:
        for step in self._feed.update(records):
            if isinstance(step, Swap):
                self._live = live_model.swapped(self._live, step)
        view = self._feed.view
        self.healer.serve(serving_in(view, self._model), versions_in(view))
