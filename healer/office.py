"""What only the leading healer may do: write to the registry, and carry out operators' commands."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from healer.actions import Action, PointAnew, PointBack, Publish, Say, reason_of
from healer.core import Healer
from healer.heal_events import model_activated
from healer.policy import Restore, RollBack
from healer.publishing import (
    model_on_topic,
    publisher_of,
    serving_in,
    snapshot_of,
    versions_in,
)
from healer.watch import best_version
from registry.cleanup import Retention, superfluous_keys
from registry.errors import RecordRefused
from registry.model_record import dump_model
from registry.publish import Publisher
from registry.record import RegistryRecord
from registry.topic import RegistryWriter
from registry.view import RegistryView
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.healing_events import SnapshotsRemoved, VersionActivated
from selfheal.records.service_events import ModelSwapped

_logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Office:
    """The registry as the leader knows it, and the right to change it.

    own:    the model of this healer's folder; model: the one in service
    view:   what is committed on `adapters`, the leader's own writes included
    reread: the same, read anew
    """

    healer: Healer
    own: Model
    model: Model
    policy: str
    publisher: Publisher
    writer: RegistryWriter
    view: RegistryView
    reread: Callable[[], RegistryView]

    def open(self, now_ms: int) -> list[Action]:
        """Let the core know what serves; its policy starts anew from there.

        The first leader of a model points to "base": the history then begins with what served
        first, and whoever takes over without the model knows the threshold of "base". The model
        is put on the topic too: what is retrained is compared with it, and all can go back to it.
        """
        followed = self._followed(now_ms)
        records = self._own_model()
        if self.view.active is None:
            first = self.publisher.activate(self.view, BASE_VERSION, "first start", now_ms)
            records = (*records, *first)
        self._write(records)
        self.healer.begin()
        return followed

    def serve_model(self, backbone_hash: str, reason: str, now_ms: int) -> list[Action]:
        """A retrained model, whose record an operator put on the topic, without an adapter.

        Raises UnknownVersionError where it is not there, RecordRefused where it was refused.
        """
        self.view = self.reread()
        publisher = publisher_of(self.publisher, model_on_topic(self.view, backbone_hash))
        records = publisher.activate(self.view, BASE_VERSION, reason, now_ms)
        self.writer.write(records)
        self.view = self.view.with_records(records)
        previous = self.healer.served.version
        followed = self._followed(now_ms)
        self._show()
        self.healer.begin()
        return [*followed, Say(model_activated(self.healer.served, previous))]

    def publish(self, done: Publish, now_ms: int) -> list[Action]:
        """Snapshot, pointer and the pointer's copy in one transaction. Raises as RegistryWriter."""
        parent = self.healer.served.version
        snapshot = snapshot_of(
            done.proposal,
            self.view.next_version,
            done.trigger,
            self.policy,
            self.healer.served,
            self.model,
            now_ms,
        )
        self._write(self.publisher.publish(self.view, snapshot, done.trigger, now_ms))
        return self.healer.published(done, parent)

    def point_back(self, action: PointBack, now_ms: int) -> list[Action]:
        """The pointer to an older version, or to none. Raises as RegistryWriter."""
        return self.roll_back(action.intent, reason_of(action.intent), now_ms)

    def roll_back(self, intent: RollBack | Restore, reason: str, now_ms: int) -> list[Action]:
        """Leave the version in force for the one that the intent names."""
        previous = self.healer.served.version
        self._write(
            self.publisher.activate(self.view, intent.version, reason, now_ms, intent.threshold)
        )
        return self.healer.pointed_back(intent, previous, now_ms)

    def point_anew(self, action: PointAnew, now_ms: int) -> list[Action]:
        """The pointer to the same version at another threshold. Raises as RegistryWriter."""
        intent, before = action.intent, self.healer.served
        reason = reason_of(intent)
        self._write(
            self.publisher.activate(self.view, before.version, reason, now_ms, intent.threshold)
        )
        return self.healer.pointed_anew(intent, before.threshold)

    def activate(self, version: str, reason: str, now_ms: int) -> VersionActivated:
        """An operator's choice. Raises UnknownVersionError."""
        previous = self.healer.served.version
        self._write(self.publisher.activate(self.view, version, reason, now_ms))
        served = self.healer.served
        return VersionActivated(
            served.version, previous, served.epoch, "operator", served.threshold
        )

    def pin(self, version: str, reason: str, now_ms: int, *, is_pinned: bool) -> None:
        """Keep a version from clean-up, or leave it to it. Raises UnknownVersionError."""
        if is_pinned:
            self._write(self.publisher.pin(self.view, version, reason, now_ms))
        else:
            self._write(self.publisher.unpin(self.view, version))

    def clean_up(self, now_ms: int, kept_ms: int, history_limit: int) -> list[Action]:
        """Withdraw the snapshots and the history that nobody needs any more.

        kept_ms: for which predictions are kept; history_limit: newest pointers kept in any case
        """
        retention = Retention(now_ms - kept_ms, history_limit, self.healer.versions)
        held = len(self.view.versions)
        self._write(self.publisher.withdraw(superfluous_keys(self.view, retention)))
        removed = held - len(self.view.versions)
        return [Say(SnapshotsRemoved(removed))] if removed else []

    def best_other(self) -> RollBack:
        """The rollback that an operator asks for: the best other version on the labelled rows."""
        evidence = self.healer.evidence()
        rows = evidence.window.joined(0)
        version = best_version(evidence, rows, besides=self.healer.served.version)
        return RollBack(version, "operator", len(rows))

    def _own_model(self) -> tuple[RegistryRecord, ...]:
        """The record of the folder's model, where it serves and is not on the topic yet."""
        if self.model is not self.own or self.own.hash in self.view.models:
            return ()
        try:
            return self.publisher.keep_model(dump_model(self.own))
        except RecordRefused as refused:
            _logger.warning("the model stays a folder", reason=str(refused))
            return ()

    def _followed(self, now_ms: int) -> list[Action]:
        """Go over to the model that the registry has in service, where that is another one."""
        model, active = self.view.model(self.own), self.view.active
        if active is None or model.hash == self.model.hash:
            return []
        swapped = ModelSwapped(model.hash, self.model.hash, active.version, active.epoch)
        self.model, self.publisher = model, publisher_of(self.publisher, model)
        return [Say(swapped), *self.healer.adopt(model, self.view.in_service_since, now_ms)]

    def _write(self, records: tuple[RegistryRecord, ...]) -> None:
        self.writer.write(records)
        self.view = self.view.with_records(records)
        self._show()

    def _show(self) -> None:
        self.healer.serve(serving_in(self.view, self.model), versions_in(self.view, self.model))
