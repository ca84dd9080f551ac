"""From a heal's proposal to a snapshot, and from the registry's view to what serves. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np

from healer.policy import Proposal, Serving, Stored
from registry.errors import RecordRefused, UnknownVersionError
from registry.publish import Publisher
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo
from registry.view import RegistryView
from selfheal.model.model import Model

_KEPT = 16
"""Newest versions that a rollback or a returning regime may choose among."""

_FIGURES = (
    "loss_gain",
    "standard_error",
    "changed_share",
    "accuracy",
    "previous_accuracy",
    "f1",
    "previous_f1",
)


def snapshot_of(
    proposal: Proposal,
    version: str,
    trigger: str,
    policy: str,
    serving: Serving,
    model: Model,
    now_ms: int,
) -> Snapshot:
    """The candidate as the registry keeps it. Raises ValueError for a proposal without one."""
    if proposal.adapter is None:
        raise ValueError("a heal without a candidate has no snapshot")
    info = SnapshotInfo(
        version=version,
        parent=serving.version,
        backbone_hash=model.hash,
        policy=policy,
        trigger=trigger,
        window=HealingWindow(
            proposal.first_event_ms, proposal.last_event_ms, proposal.rows, proposal.labelled_rows
        ),
        threshold=serving.threshold if proposal.threshold is None else proposal.threshold,
        created_ms=now_ms,
        gate={name: asdict(proposal.gate)[name] for name in _FIGURES},
        tags=proposal.tags,
    )
    regime = {name: np.asarray(value, dtype=np.float64) for name, value in proposal.regime.items()}
    return Snapshot(info, proposal.adapter, regime)


def serving_in(view: RegistryView, model: Model) -> Serving:
    """What the registry's pointer says serves; the backbone alone before the first pointer."""
    pointer = view.active
    if pointer is None:
        return Serving(threshold=model.threshold)
    if pointer.version not in view.versions:
        return Serving(pointer.version, pointer.epoch, None, pointer.threshold)
    stored = view.snapshot(pointer.version).parsed()
    return Serving(pointer.version, pointer.epoch, stored.adapter, pointer.threshold, stored.regime)


def versions_in(view: RegistryView, model: Model) -> Mapping[str, Stored]:
    """What could serve by version: the newest ones of this model, and the active one."""
    own = [name for name in view.versions if view.snapshot(name).info.backbone_hash == model.hash]
    names = own[-_KEPT:]
    active = view.active
    if active is not None and active.version in own and active.version not in names:
        names.insert(0, active.version)
    return {name: _stored(view, name) for name in names}


def model_on_topic(view: RegistryView, backbone_hash: str) -> Model:
    """The model of this hash, which an operator has put on the topic.

    Raises UnknownVersionError where it is not there, RecordRefused where it was refused.
    """
    stored = view.models.get(backbone_hash)
    if stored is not None:
        return stored.model
    for refused in reversed(view.refused):
        if refused.backbone_hash == backbone_hash:
            raise RecordRefused(refused.kind, refused.message)
    raise UnknownVersionError(f"model {backbone_hash[:12]} is not on the topic")


def publisher_of(publisher: Publisher, model: Model) -> Publisher:
    """The same publisher for another model."""
    return replace(publisher, backbone_hash=model.hash, base_threshold=model.threshold)


def _stored(view: RegistryView, version: str) -> Stored:
    snapshot = view.snapshot(version).parsed()
    return Stored(snapshot.adapter, snapshot.info.threshold, snapshot.regime)
