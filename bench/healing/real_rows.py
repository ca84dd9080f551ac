"""Real rows: three sets that come with river, drawn with replacement from two separate halves."""

# pyright: reportMissingTypeStubs=false
# river annotates nothing.

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.errors import BenchError
from producer.rows import Floats
from selfheal.model.schema import Numeric, Schema

REAL = ("Phishing", "Bananas", "ImageSegments")

Labels = NDArray[np.int8]


def draw_real(
    name: str, rng: np.random.Generator, train: int, rows: int
) -> tuple[Schema, tuple[Floats, Labels], tuple[Floats, Labels]]:
    """Schema, training rows and a stream. No row of the set is in both.

    name: one of `REAL`; of ImageSegments' seven classes a random one is the positive class
    Raises BenchError where river is not installed.
    """
    names, values, classes = _pool(name)
    kinds = np.unique(classes)
    positive = kinds[rng.integers(len(kinds))] if len(kinds) > 2 else kinds[-1]
    labels = (classes == positive).astype(np.int8)
    order = rng.permutation(len(values))
    half = len(order) // 2
    first, second = rng.choice(order[:half], train), rng.choice(order[half:], rows)
    schema = Schema(tuple(Numeric(feature) for feature in names))
    return schema, (values[first], labels[first]), (values[second], labels[second])


@lru_cache(maxsize=len(REAL))
def _pool(name: str) -> tuple[list[str], Floats, NDArray[Any]]:
    """Feature names, (n, f) values and (n,) classes of the whole set."""
    try:
        from river import datasets  # noqa: PLC0415  (an extra)
    except ImportError:
        raise BenchError(
            "T8: river is not installed, and its rows are needed; pip install 'selfheal[baselines]'"
        ) from None
    rows = list(getattr(datasets, name)())
    names = list(rows[0][0])
    values = np.array([[float(row[name]) for name in names] for row, _ in rows])
    return [name.replace("-", "_") for name in names], values, np.array([kind for _, kind in rows])
