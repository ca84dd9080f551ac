"""A published adapter with its story, as safetensors bytes: what `snapshot/<version>` holds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from registry.errors import RecordRefused, Refusal
from selfheal.model.adapter import Adapter
from selfheal.model.errors import AdapterError, WeightsError
from selfheal.model.weights import dump, load
from selfheal.records import DecodingError, decode, encode

MAX_SNAPSHOT_BYTES = 15 * 2**20
"""Below what the topic takes, which counts keys, headers and framing too."""

POST_HEAL = "post_heal"
"""The tag of an adapter that a heal made, as against one saved before it."""

Milliseconds: TypeAlias = Annotated[int, Meta(ge=0)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]
Version: TypeAlias = Annotated[str, Meta(pattern=r"^v[1-9][0-9]{0,8}$")]
Parent: TypeAlias = Annotated[str, Meta(pattern=r"^(base|v[1-9][0-9]{0,8})$")]
Sha256: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]

_INFO = "snapshot"
_ADAPTER = "adapter."
_REGIME = "regime."


@dataclass(frozen=True, slots=True)
class HealingWindow:
    """The rows that an adapter was made from, by their event times (Unix milliseconds)."""

    first_event_ms: Milliseconds
    last_event_ms: Milliseconds
    rows: Count
    labelled_rows: Count


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """Where an adapter comes from and what it was worth when it was published.

    version:       "v1", "v2", ...
    parent:        the version that it was made from, or "base"
    backbone_hash: SHA-256 (hex) of the model that it belongs to
    policy:        that made it: "selfheal", "article", ...
    trigger:       what set the heal off, one line for people
    gate:          figures of the gate by name ("f1", "log_loss", ...); None where undefined
    threshold:     score from which the decision is fraud, in [0, 1]
    tags:          such as "post_heal"
    """

    version: Version
    parent: Parent
    backbone_hash: Sha256
    policy: str
    trigger: str
    window: HealingWindow
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)]
    created_ms: Milliseconds
    gate: dict[str, float | None] = field(default_factory=dict[str, float | None])
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """An adapter, its story, and how the data looked where it helps.

    regime: statistics by name (float64, any shape), by which a recurring regime is known again
    """

    info: SnapshotInfo
    adapter: Adapter
    regime: Mapping[str, NDArray[np.float64]] = field(
        default_factory=dict[str, NDArray[np.float64]]
    )


def dump_snapshot(snapshot: Snapshot) -> bytes:
    """The value of a snapshot's record. Equal snapshots give equal bytes; NaN figures become None.

    Raises RecordRefused for what `parse_snapshot` would refuse, so that it is never published.
    """
    arrays = {_ADAPTER + name: array for name, array in snapshot.adapter.to_arrays().items()}
    arrays |= {
        _REGIME + name: np.asarray(array, dtype=np.float64)
        for name, array in snapshot.regime.items()
    }
    value = dump(arrays, {_INFO: encode(snapshot.info).decode()})
    parse_snapshot(value)
    return value


def parse_snapshot(value: bytes) -> Snapshot:
    """The snapshot in a record's value; whatever the bytes, no other error than this one.

    Raises RecordRefused: too large, not a snapshot (truncated, not safetensors, metadata that
    contradicts its type, arrays that make no adapter), or not finite.
    """
    if len(value) > MAX_SNAPSHOT_BYTES:
        raise RecordRefused(
            Refusal.TOO_LARGE, f"{len(value)} bytes, expected at most {MAX_SNAPSHOT_BYTES}"
        )
    try:
        arrays, metadata = load(value, MAX_SNAPSHOT_BYTES)
        info = decode(SnapshotInfo, metadata.get(_INFO, "").encode())
        _require_finite(arrays)
        adapter = Adapter.from_arrays(_named(arrays, _ADAPTER))
    except (WeightsError, DecodingError, AdapterError) as error:
        raise RecordRefused(Refusal.NOT_A_SNAPSHOT, f"not a snapshot: {error}") from None
    return Snapshot(info, adapter, _named(arrays, _REGIME))


def hash_of(value: bytes) -> str:
    """SHA-256 (hex) of a snapshot's bytes, as the pointer names it."""
    return hashlib.sha256(value).hexdigest()


def _named(
    arrays: Mapping[str, NDArray[np.float64]], prefix: str
) -> dict[str, NDArray[np.float64]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _require_finite(arrays: Mapping[str, NDArray[np.float64]]) -> None:
    for name, array in arrays.items():
        if not bool(np.all(np.isfinite(array))):
            raise RecordRefused(
                Refusal.NOT_FINITE, f"{name}: NaN or infinite, expected finite numbers"
            )
