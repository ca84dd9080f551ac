"""What only the leading healer may do: write to the registry, and carry out operators' commands."""

from dataclasses import dataclass

from healer.actions import Action, PointAnew, PointBack, Publish, Say, reason_of
from healer.core import Healer
from healer.policy import Restore, RollBack
from healer.publishing import serving_in, snapshot_of, versions_in
from healer.watch import best_version
from registry.cleanup import Retention, superfluous_keys
from registry.publish import Publisher
from registry.record import RegistryRecord
from registry.topic import RegistryWriter
from registry.view import RegistryView
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.healing_events import SnapshotsRemoved, VersionActivated


@dataclass(slots=True)
class Office:
    """The registry as the leader knows it, and the right to change it.

    view: what is committed on `adapters`, the leader's own writes included
    """

    healer: Healer
    model: Model
    policy: str
    publisher: Publisher
    writer: RegistryWriter
    view: RegistryView

    def open(self, now_ms: int) -> None:
        """Let the core know what serves; its policy starts anew from there.

        The first leader of a model points to "base": the history then begins with what served
        first, and whoever takes over without the model knows the threshold of "base".
        """
        if self.view.active is None:
            self._write(self.publisher.activate(self.view, BASE_VERSION, "first start", now_ms))
        self._show()
        self.healer.begin()

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
        return self.healer.pointed_back(intent, previous)

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

    def _write(self, records: tuple[RegistryRecord, ...]) -> None:
        self.writer.write(records)
        self.view = self.view.with_records(records)
        self._show()

    def _show(self) -> None:
        self.healer.serve(serving_in(self.view, self.model), versions_in(self.view))
