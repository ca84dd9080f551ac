"""Read-only arrays: the form in which weights and references are kept."""

from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Float32: TypeAlias = npt.NDArray[np.float32]
Float64: TypeAlias = npt.NDArray[np.float64]
Int64: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
AnyArray: TypeAlias = npt.NDArray[Any]

_Array = TypeVar("_Array", bound=AnyArray)


def frozen32(values: npt.ArrayLike) -> Float32:
    """A read-only float32 copy."""
    return _read_only(np.array(values, dtype=np.float32, order="C"))


def frozen64(values: npt.ArrayLike) -> Float64:
    """A read-only float64 copy."""
    return _read_only(np.array(values, dtype=np.float64, order="C"))


def frozen_positions(values: npt.ArrayLike) -> Int64:
    """A read-only int64 copy."""
    return _read_only(np.array(values, dtype=np.int64, order="C"))


def frozen_flags(values: npt.ArrayLike) -> Flags:
    """A read-only boolean copy."""
    return _read_only(np.array(values, dtype=np.bool_, order="C"))


def _read_only(array: _Array) -> _Array:
    array.flags.writeable = False
    return array
