"""What a transaction looks like: the features that the model reads, and the fields around them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from selfheal.model.arrays import Float64, Int64, frozen_positions
from selfheal.model.errors import FeatureError, SchemaError
from selfheal.model.feature_kinds import Categorical, Feature, Numeric
from selfheal.records import DecodingError, Features, decode, encode

__all__ = ["MAX_FEATURES", "Categorical", "Feature", "Fields", "Numeric", "Schema", "TimeUnit"]

MAX_FEATURES = 10_000
TimeUnit: TypeAlias = Literal["ms", "s", "iso"]


@dataclass(frozen=True, slots=True)
class Fields:
    """Names of the fields of a transaction that are not features.

    time:      None where transactions carry no time; the time of the Kafka record serves then
    target:    of the label, 0 or 1, in training files
    time_unit: Unix milliseconds, Unix seconds, or ISO 8601 text
    """

    id: str = "id"
    time: str | None = "timestamp"
    target: str = "is_fraud"
    time_unit: TimeUnit = "ms"

    @property
    def names(self) -> frozenset[str]:
        """The fields that can be no feature."""
        return frozenset(name for name in (self.id, self.time, self.target) if name is not None)


@dataclass(frozen=True, slots=True)
class Schema:
    """The features of a model in their order, and the names of the other fields.

    Raw values are float64 (n, f), one column a feature in this order: the number, or the level's
    code (`Categorical.code`); NaN where the value is missing.

    numeric, categorical: int64 positions of either kind among the columns
    Raises SchemaError for names that are empty, repeated, or also those of other fields.

    >>> schema = Schema((Numeric("amount"), Categorical("channel", ("web", "shop"))))
    >>> schema.row({"amount": 12, "channel": "shop"})
    [12.0, 1.0]
    """

    features: tuple[Feature, ...]
    fields: Fields = field(default_factory=Fields)
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    numeric: Int64 = field(init=False, repr=False, compare=False)
    categorical: Int64 = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(feature.name for feature in self.features)
        _check_names(names, self.fields)
        object.__setattr__(self, "names", names)
        categorical = [position for position, _ in self.categories]
        numeric = sorted(set(range(len(names))).difference(categorical))
        object.__setattr__(self, "numeric", frozen_positions(numeric))
        object.__setattr__(self, "categorical", frozen_positions(categorical))

    @property
    def categories(self) -> tuple[tuple[int, Categorical], ...]:
        """Each categorical feature with its position among the columns."""
        kinds = enumerate(self.features)
        return tuple((i, kind) for i, kind in kinds if isinstance(kind, Categorical))

    @property
    def numeric_names(self) -> tuple[str, ...]:
        """Names of the k numeric features, in schema order."""
        return tuple(self.names[position] for position in map(int, self.numeric))

    def to_json(self) -> bytes:
        """The content of schema.json. The same schema always gives the same bytes."""
        entries = [_entry(feature) for feature in self.features]
        return encode({"features": entries, "fields": asdict(self.fields)})

    @staticmethod
    def from_json(content: bytes) -> "Schema":
        """The schema in `content`, as `to_json` writes it; unknown keys are ignored.

        Raises SchemaError for whatever is no such schema.
        """
        try:
            file = decode(_SchemaFile, content)
        except DecodingError as error:
            raise SchemaError(f"schema.json: {error}") from None
        return Schema(tuple(entry.feature() for entry in file.features), file.fields)

    def row(self, features: Mapping[str, Any]) -> list[float]:
        """One transaction's raw values. Fields that are no features are ignored.

        Raises FeatureError, which names the feature, for one that is absent or of a wrong type.
        """
        try:
            return [feature.code(features[feature.name]) for feature in self.features]
        except KeyError as absent:
            raise FeatureError(str(absent.args[0]), "absent", "a value or null") from None

    def values(self, rows: Sequence[Mapping[str, Any]]) -> Float64:
        """Raw values of many transactions, (n, f); n may be 0. Raises FeatureError."""
        coded = [self.row(row) for row in rows]
        return np.array(coded, dtype=np.float64).reshape(len(coded), len(self.features))

    def features_of(self, values_row: Float64) -> Features:
        """One row of raw values (f,) as a record's features: the inverse of `row`.

        A level that was unknown comes back as "".
        """
        pairs = zip(self.features, values_row.tolist(), strict=True)
        return {feature.name: feature.value(code) for feature, code in pairs}


def _check_names(names: tuple[str, ...], fields: Fields) -> None:
    if not 0 < len(names) <= MAX_FEATURES:
        raise SchemaError(f"schema: has {len(names)} features, expected 1 to {MAX_FEATURES}")
    if "" in names:
        raise SchemaError("schema: a feature has an empty name, give it one")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SchemaError(f"schema: feature {repeated[0]} appears more than once")
    taken = sorted(fields.names.intersection(names))
    if taken:
        raise SchemaError(
            f"schema: {taken[0]} is both a feature and the id, time or target; keep one of them"
        )


@dataclass(frozen=True, slots=True)
class _FeatureEntry:
    name: str
    kind: Literal["numeric", "categorical"]
    levels: tuple[str, ...] | None = None

    def feature(self) -> Feature:
        if self.kind == "categorical":
            return Categorical(self.name, self.levels or ())
        if self.levels is not None:
            raise SchemaError(f"feature {self.name}: is numeric and has levels, expected none")
        return Numeric(self.name)


@dataclass(frozen=True, slots=True)
class _SchemaFile:
    features: tuple[_FeatureEntry, ...]
    fields: Fields


def _entry(feature: Feature) -> dict[str, object]:
    if isinstance(feature, Categorical):
        return {"name": feature.name, "kind": "categorical", "levels": feature.levels}
    return {"name": feature.name, "kind": "numeric"}
