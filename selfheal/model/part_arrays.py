"""One adapter part <-> its named arrays."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from selfheal.model.arrays import AnyArray
from selfheal.model.errors import AdapterError

Kind = TypeVar("Kind")


def arrays_of(part: Any) -> dict[str, AnyArray]:
    """The part's arrays by field, those that are None left out; scalars are float64 of shape ()."""
    named = {f.name: getattr(part, f.name) for f in fields(part)}
    return {name: np.asarray(value) for name, value in named.items() if value is not None}


def part_from(kind: type[Kind], name: str, arrays: Mapping[str, AnyArray]) -> Kind:
    """The part of type `kind` with these arrays; `name` is for messages.

    Raises AdapterError for missing or unknown arrays, and for wrong dtypes or shapes.
    """
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]
    required = {field for field, f in known.items() if f.default is not None}
    if not required <= arrays.keys() <= known.keys():
        found = str(sorted(arrays))[:200]
        raise AdapterError(f"adapter: {name[:200]} has {found}, expected {sorted(known)}")
    scalars = {field for field, f in known.items() if f.type is float}
    integers: tuple[str, ...] = getattr(kind, "integers", ())
    for field, array in arrays.items():
        if field in integers:
            expected = np.dtype(np.int64)
        else:
            expected = np.dtype(np.float64 if field in scalars else kind.dtype)  # type: ignore[attr-defined]
        if array.dtype != expected or (field in scalars and array.shape != ()):
            found = f"{array.dtype} of shape {array.shape}"
            shape = ", one number" if field in scalars else ""
            raise AdapterError(
                f"adapter: {name[:200]}.{field} is {found}, expected {expected}{shape}"
            )
    return kind(**{f: float(a) if f in scalars else a for f, a in arrays.items()})
