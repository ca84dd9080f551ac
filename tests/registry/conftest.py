"""A registry that is being written: the log as the topic would hold it, and the view over it."""

from dataclasses import replace

import numpy as np
import pytest

from registry.acceptance import Acceptance
from registry.model_record import dump_model
from registry.publish import Publisher
from registry.signature import Signer, Verifier, new_key
from registry.snapshot import POST_HEAL, HealingWindow, Snapshot, SnapshotInfo
from registry.view import RegistryView
from selfheal.model.adapter import Adapter, InputAlignment, Output

BACKBONE = "ab" * 32
PAIR = new_key()


def snapshot_of(version, backbone_hash=BACKBONE, **changes):
    info = SnapshotInfo(
        version=version,
        parent="base",
        backbone_hash=backbone_hash,
        policy="selfheal",
        trigger="V14 moved by -2.2 sd",
        window=HealingWindow(1_000, 2_000, 500, 50),
        threshold=0.4,
        created_ms=10_000,
        gate={"f1": 0.7},
        tags=(POST_HEAL,),
    )
    number = float(version.removeprefix("v"))
    adapter = Adapter(
        alignment=InputAlignment(np.array([1.0, number]), np.array([0.0, 0.5])),
        output=Output(shift=-number),
    )
    return Snapshot(replace(info, **changes), adapter, {"means": np.array([0.1, -2.2])})


class Story:
    """Writes records through the publisher, one after the other, and follows them."""

    def __init__(self):
        self.pair = PAIR
        self.signer = Signer.from_pem(PAIR.private_pem)
        self.verifier = Verifier.from_pems([PAIR.public_pem])
        self.publisher = Publisher(self.signer, BACKBONE)
        self.acceptance = Acceptance(self.verifier, BACKBONE)
        self.view = RegistryView(self.acceptance)
        self.log = []
        self.now_ms = 10_000

    def append(self, records):
        placed = [
            replace(record, offset=len(self.log) + position)
            for position, record in enumerate(records)
        ]
        self.log += placed
        self.view = self.view.with_records(placed)
        self.now_ms += 1_000
        return placed

    def publish(self, **changes):
        snapshot = snapshot_of(self.view.next_version, created_ms=self.now_ms, **changes)
        return self.append(self.publisher.publish(self.view, snapshot, "healed", self.now_ms))

    def keep(self, **changes):
        snapshot = snapshot_of(self.view.next_version, created_ms=self.now_ms, **changes)
        return self.append(self.publisher.keep(self.view, snapshot))

    def activate(self, version, reason="operator", **how):
        return self.append(self.publisher.activate(self.view, version, reason, self.now_ms, **how))

    def succeed(self, model):
        """Publish another model, and have it serve from now on."""
        self.publisher = Publisher(self.signer, model.hash, model.threshold)
        return self.append(
            self.publisher.publish_model(self.view, dump_model(model), "retrained", self.now_ms)
        )

    def pin(self, version):
        return self.append(self.publisher.pin(self.view, version, "keep", self.now_ms))

    def unpin(self, version):
        return self.append(self.publisher.unpin(self.view, version))

    def withdraw(self, *keys):
        return self.append(self.publisher.withdraw(keys))


@pytest.fixture
def story():
    return Story()


@pytest.fixture
def make_snapshot():
    return snapshot_of


@pytest.fixture(scope="session")
def story_type():
    """To begin a story anew within one property test."""
    return Story


@pytest.fixture(scope="session")
def verifier():
    return Verifier.from_pems([PAIR.public_pem])
