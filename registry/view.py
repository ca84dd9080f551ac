"""The registry as one immutable value: a fold over the records of `adapters`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from registry.acceptance import Acceptance, StoredSnapshot, accept
from registry.errors import RecordRefused, Refusal, UnknownVersionError
from registry.fitting import check_fit, misfits
from registry.record import (
    ACTIVE_KEY,
    Part,
    RegistryRecord,
    model_key,
    parse_key,
    pointer_key,
    snapshot_key,
    version_number,
)
from registry.refused_record import RefusedRecord, refused_record, unfollowed
from registry.snapshot import POST_HEAL
from registry.stored_model import StoredModel
from registry.succession import in_service_since, model_before
from selfheal.model.model import Model
from selfheal.records import Pin, Pointer
from selfheal.records.adapters import BASE_VERSION

KEPT_REFUSALS = 100

Item: TypeAlias = StoredSnapshot | StoredModel | Pointer | Pin
"""What a key of `adapters` holds."""


@dataclass(frozen=True, slots=True)
class Served:
    """One pointer's time in force. Ordered by epoch: the clocks that issue them may be askew.

    until_ms: when the next pointer was issued; None while none was
    """

    pointer: Pointer
    from_ms: int
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class RegistryView:
    """Everything that the records so far say, and what was refused of them.

    What a log says does not depend on how far it was compacted: the newest record of each key
    decides, and the pointer with the greatest epoch is in force whether `active` or its copy
    `pointer/<epoch>` tells of it (so a replayed `active` is powerless while the copies last). A
    refused record changes nothing: what its key held before stays.

    items:        what each key holds, as accepted; snapshots for other backbones are among them,
                  for their names are taken
    refused:      the last KEPT_REFUSALS refused records; refusals counts all of them
    unknown_keys: counts the records whose key this program does not know
    last_number:  greatest number that a version ever had, so that no name is used twice
    last_epoch:   greatest epoch of any pointer, those that cannot be followed included

    >>> RegistryView().active is None, RegistryView().next_version
    (True, 'v1')
    """

    acceptance: Acceptance = field(default_factory=Acceptance)
    items: Mapping[str, Item] = field(default_factory=dict[str, Item], repr=False)
    refused: tuple[RefusedRecord, ...] = ()
    refusals: int = 0
    unknown_keys: int = 0
    last_number: int = 0
    last_epoch: int = 0

    def with_records(self, records: Iterable[RegistryRecord]) -> "RegistryView":
        """The view after these records too, in the order of the topic.

        Never raises for what a record holds: it is refused instead.
        """
        view, items = self, dict(self.items)
        for record in records:
            named = parse_key(record.key)
            if named is None:
                view = replace(view, unknown_keys=view.unknown_keys + 1)
                continue
            try:
                item = accept(record, *named, self.acceptance)
                if isinstance(item, Pointer):
                    _check_order(record, item, view.last_epoch, items)
                elif isinstance(item, StoredSnapshot):
                    check_fit(item, items)
            except RecordRefused as refused:
                view = view._with_refused(refused, *named)
                continue
            if isinstance(item, StoredModel):
                for version, misfit in misfits(item, items).items():
                    del items[snapshot_key(version)]
                    view = view._with_refused(misfit, Part.SNAPSHOT, version)
            if item is None:
                items.pop(record.key, None)
            else:
                items[record.key] = item
            view = view._with_names(item, *named)
        return replace(view, items=items)

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions whose snapshot is here, oldest first."""
        held = (
            item.info.version for item in self.items.values() if isinstance(item, StoredSnapshot)
        )
        return tuple(sorted(held, key=version_number))

    @property
    def pins(self) -> Mapping[str, Pin]:
        """Pins by version."""
        return {item.version: item for item in self.items.values() if isinstance(item, Pin)}

    @property
    def models(self) -> Mapping[str, StoredModel]:
        """Published models by backbone hash."""
        held = (item for item in self.items.values() if isinstance(item, StoredModel))
        return {item.model.hash: item for item in held}

    @property
    def pointers(self) -> tuple[Pointer, ...]:
        """Every known pointer, newest epoch first."""
        known = {item.epoch: item for item in self.items.values() if isinstance(item, Pointer)}
        return tuple(known[epoch] for epoch in sorted(known, reverse=True))

    @property
    def active(self) -> Pointer | None:
        """The pointer in force: the greatest epoch that this reader can follow."""
        return next((pointer for pointer in self.pointers if self.fault(pointer) is None), None)

    @property
    def backbone_hash(self) -> str | None:
        """Of the model in service: the active pointer's; the reader's own while there is none."""
        return self.active.backbone_hash if self.active else self.acceptance.backbone_hash

    @property
    def in_service_since(self) -> int:
        """Epoch from which on the model in service serves; 0 where none is known before it."""
        active = self.active
        return in_service_since(active, self.pointers, self.knows) if active else 0

    @property
    def held(self) -> tuple[RefusedRecord, ...]:
        """Pointers newer than the active one, newest first, and why they cannot be followed."""
        in_force = self.active.epoch if self.active else 0
        newer = (pointer for pointer in self.pointers if pointer.epoch > in_force)
        return tuple(fault for pointer in newer if (fault := self.fault(pointer)))

    @property
    def history(self) -> tuple[Served, ...]:
        """What served when, oldest first."""
        oldest_first = self.pointers[::-1]
        ends = (*(pointer.issued_ms for pointer in oldest_first[1:]), None)
        return tuple(
            Served(pointer, pointer.issued_ms, until)
            for pointer, until in zip(oldest_first, ends, strict=False)
        )

    @property
    def next_version(self) -> str:
        """A name that no version has had."""
        return f"v{self.last_number + 1}"

    @property
    def next_epoch(self) -> int:
        """The epoch of the next pointer."""
        return self.last_epoch + 1

    @property
    def best(self) -> str | None:
        """[BEST] of the article: the post-heal version whose gate measured the greatest F1.

        Only versions of the model in service count; of equals the older. None where no
        post-heal version has an F1. The figures come from different windows: good for a mark
        in a list and for the published rule; `choose_rollback` compares on a common one.
        """
        figures: dict[str, float] = {}
        in_service = self.backbone_hash
        for version in self.versions:
            info = self.snapshot(version).info
            figure = info.gate.get("f1")
            is_ours = in_service in (None, info.backbone_hash)
            if is_ours and POST_HEAL in info.tags and figure is not None:
                figures[version] = figure
        return max(figures, key=lambda version: figures[version], default=None)

    def snapshot(self, version: str) -> StoredSnapshot:
        """The snapshot of this version. Raises UnknownVersionError ("base" has none)."""
        item = self.items.get(snapshot_key(version))
        if not isinstance(item, StoredSnapshot):
            held = ", ".join(self.versions) or "none"
            raise UnknownVersionError(f"{version[:20]}: no such version, expected one of: {held}")
        return item

    def lineage(self, version: str) -> tuple[str, ...]:
        """The version, its parent, and so on, down to "base" or to one that was cleaned up.

        Raises UnknownVersionError for a version that is not here; of "base" it is ("base",).
        """
        line = [version] if version == BASE_VERSION else [self.snapshot(version).info.version]
        while isinstance(item := self.items.get(snapshot_key(line[-1])), StoredSnapshot):
            if item.info.parent in line:
                break
            line.append(item.info.parent)
        return tuple(line)

    def knows(self, backbone_hash: str) -> bool:
        """Whether this reader can run the model; one that runs none need not."""
        own = self.acceptance.backbone_hash
        return own in (None, backbone_hash) or model_key(backbone_hash) in self.items

    def model(self, own: Model) -> Model:
        """The model in service. own: of this reader; what its folder says of it is believed."""
        stored = self.items.get(model_key(self.backbone_hash or ""))
        is_other = self.backbone_hash != own.hash
        return stored.model if is_other and isinstance(stored, StoredModel) else own

    def fault(self, pointer: Pointer) -> RefusedRecord | None:
        """Why this reader cannot follow the pointer now; None when it can."""
        if not self.knows(pointer.backbone_hash):
            return unfollowed(
                pointer, Refusal.OTHER_BACKBONE, "is for a model that is not here nor on the topic"
            )
        if pointer.version == BASE_VERSION:
            return None
        before = model_before(pointer, self.pointers, self.knows)
        if before not in (None, pointer.backbone_hash):
            return unfollowed(
                pointer, Refusal.OTHER_BACKBONE, "is for a model that was out of service"
            )
        stored = self.items.get(snapshot_key(pointer.version))
        if not isinstance(stored, StoredSnapshot):
            return unfollowed(pointer, Refusal.MISSING_SNAPSHOT, "has no accepted snapshot here")
        if stored.snapshot_hash != pointer.snapshot_hash:
            return unfollowed(
                pointer, Refusal.WRONG_HASH, "has another snapshot here than it names"
            )
        if stored.info.backbone_hash != pointer.backbone_hash:
            return unfollowed(
                pointer, Refusal.OTHER_BACKBONE, "names another model than its snapshot"
            )
        return None

    def _with_refused(self, refused: RecordRefused, part: Part, name: str) -> "RegistryView":
        kept = (*self.refused, refused_record(refused, part, name))[-KEPT_REFUSALS:]
        return replace(self, refused=kept, refusals=self.refusals + 1)

    def _with_names(self, item: Item | None, part: Part, name: str) -> "RegistryView":
        """The version and the epoch that this record takes, a withdrawn version included."""
        if isinstance(item, Pointer):
            number = max(self.last_number, version_number(item.version))
            return replace(self, last_number=number, last_epoch=max(self.last_epoch, item.epoch))
        number = version_number(name) if part is Part.SNAPSHOT else 0
        return replace(self, last_number=max(self.last_number, number))


def _check_order(
    record: RegistryRecord, pointer: Pointer, last_epoch: int, items: Mapping[str, Item]
) -> None:
    """Raises RecordRefused for an old pointer under `active`, and for a second one of an epoch."""
    is_replayed = record.key == ACTIVE_KEY and pointer.epoch < last_epoch
    active = items.get(ACTIVE_KEY)
    same_epoch = [items.get(pointer_key(pointer.epoch))]
    if isinstance(active, Pointer) and active.epoch == pointer.epoch:
        same_epoch.append(active)
    if is_replayed or any(known is not None and known != pointer for known in same_epoch):
        raise RecordRefused(
            Refusal.OLD_EPOCH,
            f"{record.place}: epoch {pointer.epoch} is not newer than epoch {last_epoch}, "
            "which is known; a replay, or two writers at once",
        )
