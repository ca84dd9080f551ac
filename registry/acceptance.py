"""What a reader demands of a record of `adapters` before it believes it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from registry.errors import RecordRefused, Refusal
from registry.record import Part, RegistryRecord, version_number
from registry.signature import Verifier
from registry.snapshot import MAX_SNAPSHOT_BYTES, Snapshot, SnapshotInfo, hash_of, parse_snapshot
from registry.stored_model import Fits, StoredModel, run_beside, stored_model
from selfheal.model.compiled import compile_model
from selfheal.model.errors import AdapterError
from selfheal.model.model import Model
from selfheal.records import DecodingError, Pin, Pointer, decode
from selfheal.records.adapters import BASE_VERSION

MAX_POINTER_BYTES = 16 * 1024
MAX_EPOCH = 10**17


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The demands of one reader.

    verifier:      None believes unsigned records: for a broker that nobody else can write to
    backbone_hash: of the model that this reader began with; None where it runs none (the command
                   line)
    fits:          raises AdapterError for an adapter that this model cannot carry, such as
                   `lambda adapter: compile_model(model, adapter)`; asked once a snapshot
    runs:          the same question for another model; raises RecordRefused for a model that
                   cannot take its place; asked once a model
    """

    verifier: Verifier | None = None
    backbone_hash: str | None = None
    fits: Fits | None = None
    runs: Callable[[Model], Fits] | None = None

    @staticmethod
    def running(model: Model, verifier: Verifier | None) -> "Acceptance":
        """Of a service that begins with this model, and can take over one that reads the same."""
        return Acceptance(
            verifier,
            model.hash,
            lambda adapter: compile_model(model, adapter),
            partial(run_beside, model),
        )


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A snapshot that was accepted: its story, and its bytes as they were published.

    snapshot_hash: SHA-256 (hex) of `value`, which pointers name
    key_id:        of the key that signed it; "" where signatures are not demanded
    """

    info: SnapshotInfo
    value: bytes
    snapshot_hash: str
    key_id: str

    def parsed(self) -> Snapshot:
        """The adapter and the regime, read from the bytes at every call."""
        return parse_snapshot(self.value)


Accepted: TypeAlias = StoredSnapshot | StoredModel | Pointer | Pin | None
"""What a record holds; None withdraws the key."""


def accept(record: RegistryRecord, part: Part, name: str, acceptance: Acceptance) -> Accepted:
    """What the record of this part and name holds. Raises RecordRefused, saying where and why.

    A tombstone must be signed as anything else: it could otherwise withdraw what was signed.
    """
    try:
        return _accept(record, part, name, acceptance)
    except RecordRefused as refused:
        raise RecordRefused(refused.kind, f"{record.place}: {refused}") from None


def _accept(record: RegistryRecord, part: Part, name: str, acceptance: Acceptance) -> Accepted:
    value = record.value
    limit = MAX_SNAPSHOT_BYTES if part in (Part.SNAPSHOT, Part.MODEL) else MAX_POINTER_BYTES
    if value is not None and len(value) > limit:
        raise RecordRefused(Refusal.TOO_LARGE, f"{len(value)} bytes, expected at most {limit}")
    verifier = acceptance.verifier
    key_id = verifier.verify(record.key, value, record.headers) if verifier else ""
    if value is None:
        if part is Part.ACTIVE:
            raise RecordRefused(
                Refusal.NOT_A_POINTER, 'withdrawn, expected a pointer to "base" to serve no adapter'
            )
        return None
    if part is Part.SNAPSHOT:
        return _snapshot(value, name, key_id, acceptance)
    if part is Part.MODEL:
        return stored_model(value, name, key_id, acceptance.runs)
    return _pin(value, name) if part is Part.PIN else _pointer(value, name, key_id)


def _snapshot(value: bytes, version: str, key_id: str, acceptance: Acceptance) -> StoredSnapshot:
    snapshot = parse_snapshot(value)
    if snapshot.info.version != version:
        raise RecordRefused(Refusal.MISPLACED, f"holds {snapshot.info.version}")
    stored = StoredSnapshot(snapshot.info, value, hash_of(value), key_id)
    if acceptance.fits and snapshot.info.backbone_hash == acceptance.backbone_hash:
        require_fit(stored, acceptance.fits)
    return stored


def require_fit(snapshot: StoredSnapshot, fits: Fits) -> None:
    """Raises RecordRefused for an adapter that its own model cannot carry."""
    try:
        fits(snapshot.parsed().adapter)
    except AdapterError as error:
        raise RecordRefused(
            Refusal.OTHER_SHAPE, f"does not fit this model although it is for it: {error}"
        ) from None


def _pointer(value: bytes, epoch: str, key_id: str) -> Pointer:
    try:
        pointer = decode(Pointer, value)
    except DecodingError as error:
        raise RecordRefused(Refusal.NOT_A_POINTER, f"not a pointer: {error}") from None
    is_base = pointer.version == BASE_VERSION and not pointer.snapshot_hash
    is_version = version_number(pointer.version) > 0 and bool(pointer.snapshot_hash)
    if not (is_base or is_version) or pointer.epoch > MAX_EPOCH:
        raise RecordRefused(
            Refusal.NOT_A_POINTER,
            'not a pointer: expected a version with its hash, or "base" without one, '
            f"and an epoch up to {MAX_EPOCH}",
        )
    if epoch and str(pointer.epoch) != epoch:
        raise RecordRefused(Refusal.MISPLACED, f"holds epoch {pointer.epoch}")
    if key_id and pointer.key_id != key_id:
        raise RecordRefused(
            Refusal.BAD_SIGNATURE, f"signed by {key_id}, but names another key as its signer"
        )
    return pointer


def _pin(value: bytes, version: str) -> Pin:
    try:
        pin = decode(Pin, value)
    except DecodingError as error:
        raise RecordRefused(Refusal.NOT_A_PIN, f"not a pin: {error}") from None
    if pin.version != version:
        raise RecordRefused(Refusal.MISPLACED, "pins another version than its key names")
    return pin
