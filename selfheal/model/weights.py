"""Named arrays <-> safetensors bytes. Nothing is ever unpickled.

The metadata travels as one JSON entry: the format's own map of strings comes back in an arbitrary
order, and the same weights must always give the same bytes, for they are hashed and signed.
"""

from collections.abc import Mapping

import numpy as np
import orjson
from safetensors import SafetensorError
from safetensors import numpy as safetensors_numpy

from selfheal.model.arrays import AnyArray
from selfheal.model.errors import WeightsError
from selfheal.records import DecodingError, decode

MAX_BYTES = 256 * 2**20
_DTYPES = frozenset(map(np.dtype, ("float32", "float64", "int64", "bool")))
_ENTRY = "selfheal"
_LENGTH_BYTES = 8


def dump(arrays: Mapping[str, AnyArray], metadata: Mapping[str, str] | None = None) -> bytes:
    """The arrays and the metadata as safetensors. Equal input gives equal bytes.

    arrays: float32, float64, int64 or bool, of any shape. Raises WeightsError for other types.
    """
    for name, array in arrays.items():
        _check_dtype(name, array.dtype)
    entry = orjson.dumps(dict(metadata or {}), option=orjson.OPT_SORT_KEYS).decode()
    contiguous = {
        name: np.ascontiguousarray(arrays[name]).reshape(arrays[name].shape)
        for name in sorted(arrays)
    }
    return safetensors_numpy.save(contiguous, {_ENTRY: entry})


def load(content: bytes, max_bytes: int = MAX_BYTES) -> tuple[dict[str, AnyArray], dict[str, str]]:
    """The arrays, read-only, and the metadata that `dump` wrote ({} for another writer's file).

    Raises WeightsError for more than `max_bytes`, for bytes that are not safetensors, and for
    arrays of other types than `dump` writes. Values are not checked: NaN may be among them.
    """
    if len(content) > max_bytes:
        raise WeightsError(f"weights: {len(content)} bytes, expected at most {max_bytes}")
    try:
        arrays = safetensors_numpy.load(content)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as e:
        raise WeightsError(
            f"weights: not safetensors ({type(e).__name__}), expected a whole, unchanged file"
        ) from None
    for name, array in arrays.items():
        _check_dtype(name, array.dtype)
        array.flags.writeable = False
    return dict(arrays), _metadata(content)


def _check_dtype(name: str, dtype: np.dtype) -> None:
    if dtype not in _DTYPES:
        allowed = ", ".join(sorted(map(str, _DTYPES)))
        raise WeightsError(f"weights: {name!r} is {dtype}, expected one of {allowed}")


def _metadata(content: bytes) -> dict[str, str]:
    """From the header, which the library has checked and then drops."""
    length = int.from_bytes(content[:_LENGTH_BYTES], "little")
    header = orjson.loads(content[_LENGTH_BYTES : _LENGTH_BYTES + length])
    entry = str(header.get("__metadata__", {}).get(_ENTRY, "{}"))
    try:
        return decode(dict[str, str], entry.encode())
    except DecodingError as error:
        raise WeightsError(f"weights: metadata: {error}") from None
