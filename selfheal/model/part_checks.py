"""What the constructor of every adapter part checks, and the freezing of its arrays."""

from typing import Any

import numpy as np

from selfheal.model.errors import AdapterError


def freeze(part: Any, arrays: tuple[str, ...] = (), scalars: tuple[str, ...] = ()) -> None:
    """Replace the part's arrays by read-only copies of its dtype and its scalars by floats.

    Raises AdapterError for a value that is no number, or not finite.
    """
    for name in arrays:
        with np.errstate(over="ignore"):
            array = np.array(getattr(part, name), dtype=part.dtype, order="C")
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
    if not np.isfinite(value).all():
        raise AdapterError(f"{type(part).__name__}.{name}: not finite, expected finite numbers")
