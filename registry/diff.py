"""What changed between two versions: their parts by size, their stories by field."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from registry.snapshot import Snapshot
from selfheal.model.adapter import Adapter
from selfheal.model.arrays import AnyArray


@dataclass(frozen=True, slots=True)
class ArrayDiff:
    """One named array in two adapters; a norm is Euclidean, None where the adapter lacks it.

    distance: norm of the difference; None where the array is missing in one or changed its shape
    """

    name: str
    old_norm: float | None
    new_norm: float | None
    distance: float | None


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One fact of the stories that differs; gate figures by name, `gate.f1`."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """Arrays of either adapter by name, changed or not, and facts that differ."""

    arrays: tuple[ArrayDiff, ...]
    facts: tuple[FieldDiff, ...]


def diff(old: Snapshot | None, new: Snapshot | None) -> VersionDiff:
    """What `new` changed of `old`; None is "base": no adapter and no story."""
    before = old.adapter.to_arrays() if old else Adapter().to_arrays()
    after = new.adapter.to_arrays() if new else Adapter().to_arrays()
    names = sorted({*before, *after})
    arrays = tuple(_array_diff(name, before.get(name), after.get(name)) for name in names)
    return VersionDiff(arrays, _facts_diff(_facts(old), _facts(new)))


def _array_diff(name: str, old: AnyArray | None, new: AnyArray | None) -> ArrayDiff:
    distance = None
    if old is not None and new is not None and old.shape == new.shape:
        distance = _norm(new.astype(np.float64) - old)
    return ArrayDiff(name, _norm(old), _norm(new), distance)


def _norm(array: AnyArray | None) -> float | None:
    return None if array is None else float(np.linalg.norm(array.astype(np.float64)))


def _facts(snapshot: Snapshot | None) -> dict[str, Any]:
    if snapshot is None:
        return {}
    info = snapshot.info
    facts = {
        f.name: getattr(info, f.name) for f in fields(info) if f.name not in ("gate", "window")
    }
    facts |= {f"gate.{name}": figure for name, figure in info.gate.items()}
    facts |= {f"window.{f.name}": getattr(info.window, f.name) for f in fields(info.window)}
    return facts


def _facts_diff(old: dict[str, Any], new: dict[str, Any]) -> tuple[FieldDiff, ...]:
    return tuple(
        FieldDiff(name, old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    )
