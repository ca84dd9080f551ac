"""Covariate drifts of any rows: an affine map of some numeric features, from some row on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bench.healing.sources import Drawn
from producer.rows import Floats

ONSET_SHARE = 1 / 3
"""Of the stream, before a drift begins."""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureMap:
    """Numeric features x become scale·x + shift; (k,) each."""

    scale: Floats
    shift: Floats


Maker: TypeAlias = Callable[[Drawn, np.random.Generator], FeatureMap]


def random_map(drawn: Drawn, rng: np.random.Generator, share: float) -> FeatureMap:
    """A random affine map of a random share of the numeric features, of one at least.

    a = exp U(-0.4, 0.4), b = U(-2, 2) times the feature's interquartile range over 1.35
    """
    spread = spread_of(drawn)
    features = len(spread)
    is_moved = rng.permutation(features) < max(1, round(share * features))
    scale = np.exp(rng.uniform(-0.4, 0.4, features))
    shift = rng.uniform(-2.0, 2.0, features) * spread
    return FeatureMap(np.where(is_moved, scale, 1.0), np.where(is_moved, shift, 0.0))


def times(drawn: Drawn, feature: int, factor: float) -> FeatureMap:
    """One numeric feature times a factor: another unit, inflation."""
    features = len(drawn.schema.numeric)
    scale = np.ones(features)
    scale[feature] = factor
    return FeatureMap(scale, np.zeros(features))


def heaviest_tail(drawn: Drawn) -> int:
    """The numeric feature that reaches farthest in units of its spread: the most like money."""
    columns = drawn.train_values[:, drawn.schema.numeric]
    return int(np.argmax(np.nanmax(np.abs(columns), axis=0) / spread_of(drawn)))


def spread_of(drawn: Drawn) -> Floats:
    """(k,) interquartile range over 1.35 of the training rows; the deviation where that is 0."""
    columns = drawn.train_values[:, drawn.schema.numeric]
    low, high = np.nanquantile(columns, [0.25, 0.75], axis=0)
    spread = (high - low) / 1.35
    return np.where(spread > 0.0, spread, np.nanstd(columns, axis=0) + 1e-9)


def moved(drawn: Drawn, found: FeatureMap, reached: Floats) -> Floats:
    """(n, f) values of the stream, mapped as far as `reached` (n,) in [0, 1] says."""
    values, numeric = drawn.values.copy(), drawn.schema.numeric
    far = reached[:, None]
    columns = values[:, numeric]
    values[:, numeric] = columns * (1.0 + far * (found.scale - 1.0)) + far * found.shift
    return values


def from_onset(rows: int) -> Floats:
    """(n,) 0 before the onset, 1 from there on."""
    return (np.arange(rows) >= onset_of(rows)).astype(np.float64)


def slowly(rows: int) -> Floats:
    """(n,) from 0 at the onset to 1 a third of the stream later."""
    onset = onset_of(rows)
    return np.clip((np.arange(rows) - onset) / (rows * ONSET_SHARE), 0.0, 1.0)


def there_and_back(rows: int) -> Floats:
    """(n,) five stretches: clean, moved, clean, moved, clean."""
    return ((np.arange(rows) * 5 // rows) % 2).astype(np.float64)


def onset_of(rows: int) -> int:
    """First row of a drift."""
    return int(rows * ONSET_SHARE)


MAPS: Mapping[str, Maker] = {
    "affine, half": lambda drawn, rng: random_map(drawn, rng, 0.5),
    "affine, all": lambda drawn, rng: random_map(drawn, rng, 1.0),
    "unit x 100": lambda drawn, rng: times(
        drawn, int(rng.integers(len(drawn.schema.numeric))), 100.0
    ),
    "money x 1.5": lambda drawn, _: times(drawn, heaviest_tail(drawn), 1.5),
    "ramp": lambda drawn, rng: random_map(drawn, rng, 0.5),
}
"""By name; a ramp is reached slowly, the others at once."""
