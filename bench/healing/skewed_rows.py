"""Made rows that are far from Gaussian: a family with another structure for each seed."""

import numpy as np
from numpy.typing import NDArray

from producer.rows import Floats
from selfheal.model.schema import Numeric, Schema

_STRUCTURE = 10_000
_FACTORS = 3
_REACH = 6.0


def draw_skewed(
    structure: int, rng: np.random.Generator, train: int, rows: int
) -> tuple[Schema, tuple[Floats, NDArray[np.int8]], tuple[Floats, NDArray[np.int8]]]:
    """Schema, training rows and a stream of the family's member of this number.

    Six to thirteen correlated features with heavy tails; each is left as it is, skewed,
    zero-inflated, a count, or stretched; 2 to 20 % fraud.
    """
    chosen = np.random.default_rng(structure + _STRUCTURE)
    features = int(chosen.integers(6, 14))
    loadings = 0.6 * chosen.normal(size=(features, _FACTORS))
    shapes = chosen.integers(0, len(_SHAPES), features)
    evidence = 1.3 * chosen.normal(size=features) * chosen.choice([0.0, 0.5, 1.0, 1.5], features)
    prior, tail = chosen.choice([0.02, 0.05, 0.1, 0.2]), chosen.choice([3.0, 5.0, 30.0])

    def drawn(count: int) -> tuple[Floats, NDArray[np.int8]]:
        labels = (rng.random(count) < prior).astype(np.int8)
        noise = rng.normal(size=(count, _FACTORS)) @ loadings.T
        noise += rng.normal(size=(count, features))
        stretch = np.sqrt(tail / rng.chisquare(tail, count))
        latent = stretch[:, None] * noise + labels[:, None] * evidence
        pairs = zip(shapes, latent.T, strict=True)
        return np.column_stack([_SHAPES[shape](column) for shape, column in pairs]), labels

    schema = Schema(tuple(Numeric(f"f{number}") for number in range(features)))
    return schema, drawn(train), drawn(rows)


def _as_it_is(z: Floats) -> Floats:
    return z


def _skewed(z: Floats) -> Floats:
    return np.exp(0.8 * z.clip(-_REACH, _REACH))


def _zero_inflated(z: Floats) -> Floats:
    return np.where(z > -0.3, 20.0 * np.exp(z.clip(-_REACH, _REACH)), 0.0)


def _counted(z: Floats) -> Floats:
    return np.exp(0.5 * (z + 1.5).clip(-_REACH, _REACH)).round()


def _stretched(z: Floats) -> Floats:
    return np.sinh(z.clip(-_REACH, _REACH))


_SHAPES = (_as_it_is, _skewed, _zero_inflated, _counted, _stretched)
