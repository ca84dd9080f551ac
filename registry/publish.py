"""The records that change the registry. Each function's records belong in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry.acceptance import Acceptance, accept
from registry.errors import OtherBackboneError, UnknownVersionError
from registry.record import (
    ACTIVE_KEY,
    Part,
    RegistryRecord,
    model_key,
    pin_key,
    pointer_key,
    snapshot_key,
)
from registry.signature import Signer
from registry.snapshot import Snapshot, dump_snapshot, hash_of
from registry.view import RegistryView
from selfheal.records import Pin, Pointer, encode
from selfheal.records.adapters import BASE_VERSION


@dataclass(frozen=True, slots=True)
class _Target:
    """What a pointer is to name."""

    version: str
    snapshot_hash: str
    threshold: float


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes down, for one model, what a registry is to hold next.

    signer:         None leaves records unsigned: only for readers that demand no signature
    backbone_hash:  of the model that pointers to "base" are for
    base_threshold: of "base" where no other is named, in [0, 1]
    """

    signer: Signer | None
    backbone_hash: str
    base_threshold: float = 0.5

    def publish(
        self, view: RegistryView, snapshot: Snapshot, reason: str, now_ms: int
    ) -> tuple[RegistryRecord, ...]:
        """The snapshot, and the pointer to it with its copy: both there or neither.

        Raises RecordRefused for a snapshot that no reader would accept, and UnknownVersionError
        where its version is not the next one.
        """
        record = self._first_of(view, snapshot)
        target = _Target(
            snapshot.info.version, hash_of(record.value or b""), snapshot.info.threshold
        )
        return (record, *self._pointer(view, target, reason, now_ms))

    def keep(self, view: RegistryView, snapshot: Snapshot) -> tuple[RegistryRecord, ...]:
        """The snapshot alone: kept, not served. Raises as `publish`."""
        return (self._first_of(view, snapshot),)

    def activate(
        self,
        view: RegistryView,
        version: str,
        reason: str,
        now_ms: int,
        threshold: float | None = None,
    ) -> tuple[RegistryRecord, ...]:
        """The pointer to a version that is already there (a rollback too), with its copy.

        threshold: the snapshot's own where None; base_threshold for "base"
        Raises UnknownVersionError, for a version of another model OtherBackboneError, and
        RecordRefused for a threshold outside [0, 1].
        """
        target = self._target(view, version)
        if threshold is not None:
            target = replace(target, threshold=threshold)
        return self._pointer(view, target, reason, now_ms)

    def keep_model(self, value: bytes) -> tuple[RegistryRecord, ...]:
        """The whole model, as `dump_model` gave it: kept, not served."""
        return (self._signed(model_key(self.backbone_hash), value),)

    def publish_model(
        self, view: RegistryView, value: bytes, reason: str, now_ms: int
    ) -> tuple[RegistryRecord, ...]:
        """The model, and the pointer that puts it into service with its copy."""
        pointer = self.activate(view, BASE_VERSION, reason, now_ms)
        return (*self.keep_model(value), *pointer)

    def pin(
        self, view: RegistryView, version: str, reason: str, now_ms: int
    ) -> tuple[RegistryRecord, ...]:
        """Keep this version from clean-up. Raises UnknownVersionError."""
        view.snapshot(version)
        pin = Pin(version, reason, self._key_id, now_ms)
        return (self._signed(pin_key(version), encode(pin)),)

    def unpin(self, view: RegistryView, version: str) -> tuple[RegistryRecord, ...]:
        """Leave the version to clean-up again; nothing where it is not pinned."""
        return self.withdraw([pin_key(version)] if version in view.pins else [])

    def withdraw(self, keys: Iterable[str]) -> tuple[RegistryRecord, ...]:
        """Signed tombstones for these keys."""
        return tuple(self._signed(key, None) for key in keys)

    def _first_of(self, view: RegistryView, snapshot: Snapshot) -> RegistryRecord:
        version = snapshot.info.version
        if version != view.next_version:
            raise UnknownVersionError(
                f"{version}: not the next version, expected {view.next_version}; "
                "a name is never used twice"
            )
        return self._signed(snapshot_key(version), dump_snapshot(snapshot))

    def _target(self, view: RegistryView, version: str) -> _Target:
        if version == BASE_VERSION:
            return _Target(version, "", self.base_threshold)
        stored = view.snapshot(version)
        if stored.info.backbone_hash != self.backbone_hash:
            raise OtherBackboneError(
                f"{version}: belongs to the model {stored.info.backbone_hash[:12]}, expected "
                f"one of {self.backbone_hash[:12]}, which is in service; to go back to the old "
                "model, publish its folder again"
            )
        return _Target(version, stored.snapshot_hash, stored.info.threshold)

    def _pointer(
        self, view: RegistryView, target: _Target, reason: str, now_ms: int
    ) -> tuple[RegistryRecord, ...]:
        """The copy first: whoever sees `active` then knows the history up to it."""
        pointer = Pointer(
            epoch=view.next_epoch,
            version=target.version,
            snapshot_hash=target.snapshot_hash,
            backbone_hash=self.backbone_hash,
            threshold=target.threshold,
            reason=reason,
            key_id=self._key_id,
            issued_ms=now_ms,
        )
        value = encode(pointer)
        copy = self._signed(pointer_key(pointer.epoch), value)
        accept(copy, Part.POINTER, str(pointer.epoch), Acceptance())
        return copy, self._signed(ACTIVE_KEY, value)

    @property
    def _key_id(self) -> str:
        return self.signer.key_id if self.signer else ""

    def _signed(self, key: str, value: bytes | None) -> RegistryRecord:
        return RegistryRecord(key, value, self.signer.sign(key, value) if self.signer else ())
