"""A model that came over the topic, and whether this reader can run it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from registry.errors import RecordRefused, Refusal
from registry.model_record import parse_model
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.errors import ModelError
from selfheal.model.model import Model
from selfheal.model.schema import Schema

Fits: TypeAlias = Callable[[Adapter], object]
"""Raises AdapterError for an adapter that one model cannot carry."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model that was accepted. Two are equal where their bytes and their signers are.

    value:  the record's bytes, as they were published
    key_id: of the key that signed it; "" where signatures are not demanded
    fits:   asked about each adapter of this model; None for a reader that runs no model
    """

    model: Model = field(compare=False)
    value: bytes
    key_id: str
    fits: Fits | None = field(default=None, compare=False)


def stored_model(
    value: bytes, backbone_hash: str, key_id: str, runs: Callable[[Model], Fits] | None
) -> StoredModel:
    """The model of a record. Raises RecordRefused, whatever the bytes, and as `runs` does."""
    model = parse_model(value, backbone_hash)
    return StoredModel(model, value, key_id, runs(model) if runs else None)


def run_beside(own: Model, model: Model) -> Fits:
    """How to ask whether an adapter fits `model`, which may take the place of `own`.

    Raises RecordRefused for a model that reads other fields, or whose code is not installed.
    """
    require_same_schema(model.schema, own.schema)
    try:
        compile_model(model)
    except (ModelError, ImportError) as error:  # a model of torch, where torch is not installed
        raise RecordRefused(Refusal.NOT_LOADABLE, f"cannot be loaded here: {error}") from None
    return lambda adapter: compile_model(model, adapter)


def require_same_schema(new: Schema, expected: Schema) -> None:
    """Both read the same fields. Levels of a category may differ: new ones come with time.

    Raises RecordRefused that names the first difference and says what to do instead.
    """
    difference = _difference(new, expected)
    if difference:
        raise RecordRefused(
            Refusal.OTHER_SCHEMA,
            f"{difference}; services that run cannot change what they read: start others with "
            "this model and another --prefix beside them",
        )


def _difference(new: Schema, old: Schema) -> str:
    """Between what two models read of a transaction; empty where there is none."""
    for name in ("id", "time", "time_unit"):
        found, expected = getattr(new.fields, name), getattr(old.fields, name)
        if found != expected:
            return f"its field {name} is {found!r}, expected {expected!r}"
    if len(new.features) != len(old.features):
        return f"it reads {len(new.features)} features, expected {len(old.features)}"
    for position, (found, expected) in enumerate(zip(new.features, old.features, strict=True)):
        if (found.name, type(found)) != (expected.name, type(expected)):
            return (
                f"feature {position} is {found.name} ({type(found).__name__.lower()}), "
                f"expected {expected.name} ({type(expected).__name__.lower()})"
            )
    return ""
