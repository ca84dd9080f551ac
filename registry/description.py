"""Versions and history as plain values, for people, files and `--json`."""

from dataclasses import asdict
from typing import Any

from registry.view import RegistryView
from selfheal.records.adapters import BASE_VERSION


def describe_version(view: RegistryView, version: str) -> dict[str, Any]:
    """Everything that is known of a version. Raises UnknownVersionError.

    Its story, its model's backbone_hash among it, then: snapshot_hash, key_id, bytes, lineage,
    is_active, is_best, is_pinned, is_of_model_in_service, parts (the shape of each array) and
    regime (lists). Of "base" only the lineage, the model in service and is_active.
    """
    is_active = view.active is not None and view.active.version == version
    if version == BASE_VERSION:
        return {
            "version": version,
            "backbone_hash": view.backbone_hash,
            "lineage": list(view.lineage(version)),
            "is_active": is_active,
        }
    stored = view.snapshot(version)
    snapshot = stored.parsed()
    return {
        **asdict(stored.info),
        "snapshot_hash": stored.snapshot_hash,
        "key_id": stored.key_id,
        "bytes": len(stored.value),
        "lineage": list(view.lineage(version)),
        "is_active": is_active,
        "is_best": view.best == version,
        "is_pinned": version in view.pins,
        "is_of_model_in_service": view.backbone_hash in (None, stored.info.backbone_hash),
        "parts": {name: list(array.shape) for name, array in snapshot.adapter.to_arrays().items()},
        "regime": {name: array.tolist() for name, array in snapshot.regime.items()},
    }


def describe_models(view: RegistryView) -> list[dict[str, Any]]:
    """Every model on the topic: backbone_hash, key_id, bytes, threshold, features, in service?"""
    return [
        {
            "backbone_hash": backbone_hash,
            "key_id": stored.key_id,
            "bytes": len(stored.value),
            "threshold": stored.model.threshold,
            "features": list(stored.model.schema.names),
            "is_in_service": backbone_hash == view.backbone_hash,
        }
        for backbone_hash, stored in view.models.items()
    ]


def describe_history(view: RegistryView) -> list[dict[str, Any]]:
    """What served when, oldest first: the pointer's fields with from_ms and until_ms."""
    return [
        {**asdict(served.pointer), "from_ms": served.from_ms, "until_ms": served.until_ms}
        for served in view.history
    ]
