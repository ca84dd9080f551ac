"""What the constructor of every adapter part checks, and the freezing of its arrays."""

from typing import Any

import numpy as np

from selfheal.model.errors import AdapterError

LARGEST = 1e12
"""No weight is larger, so that no sum of products over all layers can leave float64."""


def freeze(
    part: Any,
    arrays: tuple[str, ...] = (),
    scalars: tuple[str, ...] = (),
    integers: tuple[str, ...] = (),
) -> None:
    """Replace the part's arrays by read-only copies of its dtype and its scalars by floats.

    integers: arrays of int64

    Raises AdapterError for a number that is not finite or beyond 1e12.
    """
    for name in (*arrays, *integers):
        dtype = np.int64 if name in integers else part.dtype
        with np.errstate(over="ignore"):
            array = np.array(getattr(part, name), dtype=dtype, order="C")
        _require_finite(part, name, array)
        array.flags.writeable = False
        object.__setattr__(part, name, array)
    for name in scalars:
        scalar = float(getattr(part, name))
        _require_finite(part, name, scalar)
        object.__setattr__(part, name, scalar)


def require_shapes(part: Any, are_right: bool, expected: str) -> None:
    """Raises AdapterError unless the shapes are right."""
    if not are_right:
        raise AdapterError(f"{type(part).__name__}: wrong shapes, expected {expected}")


def _require_finite(part: Any, name: str, value: Any) -> None:
    if not (np.abs(value) <= LARGEST).all():
        where = f"{type(part).__name__}.{name}"
        raise AdapterError(f"{where}: not finite or beyond 1e12, expected smaller numbers")
