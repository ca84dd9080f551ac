"""A signed registry on a real broker, its keys on disk as a healer and an operator have them."""

import numpy as np
import pytest

from registry.acceptance import Acceptance
from registry.keys import read_signer, read_verifier, write_keys
from registry.publish import Publisher
from registry.signature import new_key
from registry.snapshot import POST_HEAL, HealingWindow, Snapshot, SnapshotInfo
from registry.topic import RegistryWriter, read_registry, take_over
from selfheal.model.adapter import Adapter, Output

BACKBONE = "ab" * 32


def snapshot_of(version, f1):
    info = SnapshotInfo(
        version=version,
        parent="base",
        backbone_hash=BACKBONE,
        policy="selfheal",
        trigger="V14 moved",
        window=HealingWindow(1, 2, 500, 50),
        threshold=0.5,
        created_ms=1_000,
        gate={"f1": f1},
        tags=(POST_HEAL,),
    )
    return Snapshot(info, Adapter(output=Output(shift=f1)), {"means": np.zeros(2)})


class SignedRegistry:
    """Reads and writes as the leading healer does."""

    def __init__(self, bus, folder):
        self.bus = bus
        self.keys = folder / "keys"
        self.private_key, _ = write_keys(self.keys, new_key())
        self.publisher = Publisher(read_signer(self.keys), BACKBONE)
        self.unsigned = Publisher(None, BACKBONE)
        self.acceptance = Acceptance(read_verifier(self.keys))

    def read(self):
        return read_registry(self.bus, self.acceptance)

    def change(self, plan):
        return take_over(self.bus, self.acceptance, plan)

    def publication(self, view, f1=0.5):
        snapshot = snapshot_of(view.next_version, f1)
        return self.publisher.publish(view, snapshot, f"F1 {f1}", 1_000)

    def publish(self, *figures):
        """A version for each gate F1."""
        with RegistryWriter(self.bus) as writer:
            view = self.read()
            for f1 in figures:
                records = self.publication(view, f1)
                writer.write(records)
                view = view.with_records(records)
        return view

    def activate(self, version, reason="by hand"):
        return self.change(lambda view: self.publisher.activate(view, version, reason, 2_000))

    def forge(self, version):
        """Point to this version without a signature."""
        return self.change(lambda view: self.unsigned.activate(view, version, "forged", 3_000))


@pytest.fixture
def registry(bus, topics, tmp_path):
    return SignedRegistry(bus, tmp_path)


@pytest.fixture
def signed_registry():
    """To make one on another broker than the session's."""
    return SignedRegistry
