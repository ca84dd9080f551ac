"""Publishes adapters as the healer does: signed, snapshot and pointer in one transaction."""

import time
from types import TracebackType
from typing import Self

import numpy as np

from bench.rig import Rig
from registry.acceptance import Acceptance
from registry.keys import read_signer, read_verifier
from registry.publish import Publisher
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo
from registry.topic import RegistryWriter, read_registry
from selfheal.model.adapter import Adapter
from selfheal.model.adapter_parts import InputAlignment


class Publications:
    """Writes version after version to the registry of a rig."""

    def __init__(self, rig: Rig) -> None:
        self._model = rig.model
        self._publisher = Publisher(
            read_signer(rig.private), rig.model.hash, base_threshold=rig.model.threshold
        )
        self._acceptance = Acceptance(read_verifier(rig.private.parent), rig.model.hash)
        self._bus = rig.bus
        self._writer = RegistryWriter(rig.bus)

    def publish(self, shift: float) -> tuple[str, int]:
        """Publish an alignment by `shift` (not 0); its version, and when it was committed, in
        Unix milliseconds.
        """
        columns = len(self._model.schema.numeric)
        alignment = InputAlignment(np.full(columns, 1.01), np.full(columns, shift))
        snapshot = self._snapshot(Adapter(alignment=alignment))
        records = self._publisher.publish(self._view, snapshot, "benchmark", _now_ms())
        self._writer.write(records)
        committed_ms = _now_ms()
        self._view = self._view.with_records(records)
        return snapshot.info.version, committed_ms

    def __enter__(self) -> Self:
        self._writer.open()
        self._view = read_registry(self._bus, self._acceptance)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._writer.close()

    def _snapshot(self, adapter: Adapter) -> Snapshot:
        info = SnapshotInfo(
            version=self._view.next_version,
            parent="base",
            backbone_hash=self._model.hash,
            policy="benchmark",
            trigger="benchmark",
            window=HealingWindow(0, 0, 0, 0),
            threshold=self._model.threshold,
            created_ms=_now_ms(),
        )
        return Snapshot(info, adapter)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
