"""What a scorer makes of `adapters`: the swaps to carry out and the refusals to report."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from registry.acceptance import Acceptance
from registry.record import RegistryRecord
from registry.refused_record import RefusedRecord
from registry.view import RegistryView
from selfheal.model.adapter import Adapter
from selfheal.model.model import Model
from selfheal.records import Pointer
from selfheal.records.adapters import BASE_VERSION


@dataclass(frozen=True, slots=True)
class Swap:
    """Serve this version from the next batch on; adapter None is the backbone alone.

    model: that the pointer is for, as it came over the topic; None for the scorer's own
    """

    pointer: Pointer
    adapter: Adapter | None
    model: Model | None = None


Step: TypeAlias = Swap | RefusedRecord


class AdapterFeed:
    """Follows `adapters` for one scorer. Epochs only rise: what served is never left for an older.

    Everything is judged before it is offered: signature, size, safetensors, finite weights, the
    backbone's hash, and the shapes where `acceptance.fits` is given; of another model also that
    it reads the same fields and can be loaded here. Old snapshots are kept as bytes, so that a
    rollback needs nothing but its pointer.
    """

    def __init__(self, acceptance: Acceptance) -> None:
        self._view = RegistryView(acceptance)
        self._epoch = 0
        self._reported: frozenset[RefusedRecord] = frozenset()

    @property
    def view(self) -> RegistryView:
        """The registry as this scorer sees it."""
        return self._view

    def update(self, records: Iterable[RegistryRecord]) -> tuple[Step, ...]:
        """Refusals that are new, then at most one swap: to the newest version that can be served.

        At start give all records up to the topic's end at once: versions of the past are not
        worth a swap, and a pointer may stand before its re-written snapshot. Afterwards any
        portions will do, single records too. Nothing is answered for what changes nothing.
        """
        records = tuple(records)
        if not records:  # asked some times a second, while news come some times a day
            return ()
        before = self._view.refusals
        self._view = self._view.with_records(records)
        fresh = min(self._view.refusals - before, len(self._view.refused))
        refused = self._view.refused[len(self._view.refused) - fresh :]
        held = tuple(fault for fault in self._view.held if fault not in self._reported)
        self._reported = frozenset(self._view.held)
        return (*refused, *held, *self._swap())

    def _swap(self) -> tuple[Swap, ...]:
        pointer = self._view.active
        if pointer is None or pointer.epoch <= self._epoch:
            return ()
        self._epoch = pointer.epoch
        is_own = pointer.backbone_hash == self._view.acceptance.backbone_hash
        stored = None if is_own else self._view.models.get(pointer.backbone_hash)
        adapter = None
        if pointer.version != BASE_VERSION:
            adapter = self._view.snapshot(pointer.version).parsed().adapter
        return (Swap(pointer, adapter, stored.model if stored else None),)
