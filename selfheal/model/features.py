"""Raw values -> what the network reads: standardised numbers, missing flags, one-hot levels."""

from dataclasses import dataclass, field

import numpy as np

from selfheal.model.arrays import AnyArray, Flags, Float32, Float64, frozen64, frozen_flags
from selfheal.model.errors import EncoderError
from selfheal.model.schema import Schema

ENCODED_LIMIT = 1e30
"""Encoded numbers are kept within this, so that float32 can hold them."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """Turns raw values float64 (n, f) into encoded float32 (n, d).

    The d columns, in this order: the k numeric features, (x - centre) / scale, a missing value 0
    (the centre); for each feature with an indicator, 1 where it is missing; for each categorical
    feature one column a level and one for every other level, all 0 where it is missing.

    centre, scale: float64 (f,), finite, scale > 0; not read for categorical features
    indicators:    bool (f,), the features that had missing values in training
    width:         d
    affine:        (multiplier, offset), each (k,): encoded = raw * multiplier + offset
    Raises EncoderError where these do not fit the schema.
    """

    schema: Schema
    centre: Float64
    scale: Float64
    indicators: Flags
    width: int = field(init=False)
    affine: tuple[Float64, Float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", frozen64(self.centre))
        object.__setattr__(self, "scale", frozen64(self.scale))
        object.__setattr__(self, "indicators", frozen_flags(self.indicators))
        shape = (len(self.schema.features),)
        if not self.centre.shape == self.scale.shape == self.indicators.shape == shape:
            raise EncoderError(f"encoder: wrong shapes, expected centre, scale, indicators {shape}")
        if not (np.isfinite(self.centre).all() and np.isfinite(self.scale).all()):
            raise EncoderError("encoder: centre or scale is not finite, expected finite numbers")
        if (self.scale <= 0).any():
            raise EncoderError("encoder: a scale is not positive, expected scales > 0")
        levels = sum(len(kind.levels) + 1 for _, kind in self.schema.categories)
        width = len(self.schema.numeric) + int(self.indicators.sum()) + levels
        object.__setattr__(self, "width", width)
        multiplier = 1.0 / self.scale[self.schema.numeric]
        offset = -self.centre[self.schema.numeric] * multiplier
        object.__setattr__(self, "affine", (frozen64(multiplier), frozen64(offset)))

    @staticmethod
    def fit(schema: Schema, values: Float64, *, standardise: bool = True) -> "Encoder":
        """An encoder for rows like `values` (n, f), n >= 1.

        standardise: centre and scale are the mean and the standard deviation of the values that
        are there (0 and 1 for a feature that has none, scale 1 for a constant); False: 0 and 1.
        Raises EncoderError for no rows and for values whose spread float64 cannot hold.
        """
        if len(values) == 0:
            raise EncoderError("encoder: no rows, expected at least one to fit to")
        missing = np.isnan(values)
        width = len(schema.features)
        centre, scale = np.zeros(width), np.ones(width)
        for column in schema.numeric if standardise else ():
            present = values[~missing[:, column], column]
            if len(present):
                centre[column], scale[column] = _mean_and_scale(present)
        if not (np.isfinite(centre).all() and np.isfinite(scale).all()):
            raise EncoderError("encoder: a feature spreads too far for float64, expected less")
        return Encoder(schema, centre, scale, frozen_flags(missing.any(axis=0)))

    @staticmethod
    def from_arrays(schema: Schema, arrays: dict[str, AnyArray]) -> "Encoder":
        """The inverse of `to_arrays`. Raises EncoderError."""
        expected = {"centre": np.float64, "scale": np.float64, "indicators": np.bool_}
        if {name: array.dtype for name, array in arrays.items()} != expected:
            raise EncoderError(f"encoder: has {sorted(arrays)}, expected {sorted(expected)}")
        return Encoder(schema, **arrays)

    def to_arrays(self) -> dict[str, AnyArray]:
        """The arrays by the names of the fields."""
        return {"centre": self.centre, "scale": self.scale, "indicators": self.indicators}

    @property
    def columns(self) -> tuple[str, ...]:
        """What each of the d encoded columns is, for people.

        >>> from selfheal.model.schema import Categorical, Numeric
        >>> schema = Schema((Numeric("amount"), Categorical("channel", ("web",))))
        >>> Encoder.fit(schema, np.array([[1.0, 0.0]])).columns
        ('amount', 'channel is web', 'channel is another')
        """
        missing = [
            name
            for name, is_told in zip(self.schema.names, self.indicators, strict=True)
            if is_told
        ]
        levels = [
            f"{kind.name} is {level}"
            for _, kind in self.schema.categories
            for level in (*kind.levels, "another")
        ]
        return (*self.schema.numeric_names, *(f"{name} is missing" for name in missing), *levels)

    def encode(self, values: Float64, affine: tuple[Float64, Float64] | None = None) -> Float32:
        """Encoded float32 (n, d), all finite; `values` may be empty.

        affine: of the numerics, where it is not the encoder's own: an alignment folded into it.
        """
        multiplier, offset = affine or self.affine
        numeric = self.schema.numeric
        raw = values if len(numeric) == values.shape[1] else values[:, numeric]
        with np.errstate(over="ignore"):
            numbers = raw * multiplier + offset
        np.clip(numbers, -ENCODED_LIMIT, ENCODED_LIMIT, out=numbers)
        numbers[np.isnan(numbers)] = 0.0
        if self.width == len(numeric):
            return numbers.astype(np.float32)
        return np.concatenate([numbers, *self._flag_columns(values)], axis=1, dtype=np.float32)

    def _flag_columns(self, values: Float64) -> list[AnyArray]:
        columns: list[AnyArray] = [np.isnan(values[:, self.indicators])]
        for column, kind in self.schema.categories:
            columns.append(values[:, column, None] == np.arange(len(kind.levels) + 1))
        return columns


def _mean_and_scale(present: Float64) -> tuple[float, float]:
    with np.errstate(over="ignore", invalid="ignore"):
        deviation = float(present.std())
        return float(present.mean()), deviation if deviation != 0 else 1.0
