"""What clean transactions look like: the calibration that every drift detector reads."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from selfheal.model.arrays import AnyArray, Flags, Float64, Int64, frozen64, frozen_positions
from selfheal.model.columns import BINS, correlations, mean_and_sd
from selfheal.model.errors import ReferenceInvalid
from selfheal.model.reference_rows import (
    BLOCKS,
    QUANTILES,
    bin_shares,
    block_wander,
    distinct_rows,
    edges_of,
    level_shares,
    quantile_grids,
)
from selfheal.model.schema import Schema
from selfheal.model.score_bands import score_bands
from selfheal.model.share_wander import share_cells, share_wander


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Statistics of labelled clean rows: k numeric features, f features, class 1 is fraud.

    Missing values are left out of everything but `missing`. NaN stands where a class had no value
    at all. The logit is the backbone's own.

    rows:             int64 (2,), of each class
    distinct:         int64 (2,), of those, the ones that do not repeat another (see
                      `distinct_rows`): what a sample drawn twice tells, it tells once
    logit_rows:       int64 (2,), behind the statistics of the logit
    mean, sd:         (k,), of all rows, raw; sd divides by n
    class_mean, class_sd: (2, k)
    correlation:      (2, k, k) of the features of each class; NaN for one that is constant
    quantiles:        (2, k, 257), raw values at the probabilities 0, 1/256, ..., 1
    logit_quantiles:  (2, 257)
    wander:           (4, k), how far blocks of 100, 400, 1,600 and 4,000 rows stray from the rest
                      (see `block_wander`): what varies within a day is no drift
    share_wander:     (4, c), the same of the shares of levels and of missing values (see
                      `share_wander`)
    missing:          (2, f), share of missing values
    edges:            (k, 19), between 20 bins of equal mass of all rows (see `columns`)
    bin_shares:       (2, k, 20), what each class has in those bins: ties make masses unequal
    logit_edges, logit_bin_shares: (19,) and (2, 20), the same of the logit
    band_logit, band_rank, band_variance: (2, 20), (2, 20, k) and (2, 20, k), of the bins of the
                      logit (see `ScoreBands`)
    categories:       for each categorical feature (2, levels + 1), shares among the values that
                      are there; the last column is every unknown level
    layers:           mean and sd, (2,), of each layer's activation level, by the layer's name
    """

    rows: Int64
    distinct: Int64
    logit_rows: Int64
    mean: Float64
    sd: Float64
    class_mean: Float64
    class_sd: Float64
    correlation: Float64
    quantiles: Float64
    logit_quantiles: Float64
    wander: Float64
    share_wander: Float64
    missing: Float64
    edges: Float64
    bin_shares: Float64
    logit_edges: Float64
    logit_bin_shares: Float64
    band_logit: Float64
    band_rank: Float64
    band_variance: Float64
    categories: tuple[Float64, ...]
    layers: Mapping[str, Float64]

    @property
    def prior(self) -> float:
        """pi0, the share of fraud among the rows."""
        return float(self.rows[1] / self.rows.sum())

    @staticmethod
    def measure(
        schema: Schema,
        values: Float64,
        labels: npt.ArrayLike,
        logits: npt.ArrayLike,
        layers: Mapping[str, Float64] | None = None,
    ) -> "Reference":
        """The reference of raw values (n, f) with labels (n,) of 0 and 1.

        logits: of the backbone, (n,); NaN for rows that its statistics must leave out, such as
        those that it was trained on
        layers: activation levels (n,) by layer, NaN likewise
        Raises ReferenceInvalid unless both classes have rows and logits.
        """
        is_fraud = np.asarray(labels).ravel() > 0
        classes = (~is_fraud, is_fraud)
        columns = values[:, schema.numeric]
        logit = np.asarray(logits, dtype=np.float64).reshape(-1, 1)
        if any(not rows.any() or np.isnan(logit[rows]).all() for rows in classes):
            raise ReferenceInvalid("reference: a class has no rows, expected both with logits")
        edges, logit_edges = edges_of(columns), edges_of(logit)
        mean, sd = mean_and_sd(columns)
        bands = score_bands(columns, logit.ravel(), logit_edges[0], is_fraud)
        moments = [mean_and_sd(columns[rows]) for rows in classes]
        return Reference(
            rows=frozen_positions([rows.sum() for rows in classes]),
            distinct=frozen_positions(distinct_rows(values, is_fraud)),
            logit_rows=frozen_positions([(~np.isnan(logit[rows])).sum() for rows in classes]),
            mean=frozen64(mean),
            sd=frozen64(sd),
            class_mean=frozen64([class_mean for class_mean, _ in moments]),
            class_sd=frozen64([class_sd for _, class_sd in moments]),
            correlation=frozen64([correlations(columns[rows]) for rows in classes]),
            quantiles=frozen64([quantile_grids(columns[rows]) for rows in classes]),
            logit_quantiles=frozen64([quantile_grids(logit[rows])[0] for rows in classes]),
            wander=frozen64(block_wander(columns)),
            share_wander=frozen64(share_wander(schema, values)),
            missing=frozen64([np.isnan(values[rows]).mean(axis=0) for rows in classes]),
            edges=frozen64(edges),
            bin_shares=frozen64([bin_shares(columns[rows], edges) for rows in classes]),
            logit_edges=frozen64(logit_edges[0]),
            logit_bin_shares=frozen64(
                [bin_shares(logit[rows], logit_edges)[0] for rows in classes]
            ),
            band_logit=frozen64(bands.logit),
            band_rank=frozen64(bands.rank),
            band_variance=frozen64(bands.variance),
            categories=_level_shares(schema, values, classes),
            layers=_activity(layers or {}),
        )

    def to_arrays(self) -> dict[str, AnyArray]:
        """All statistics by name; those of categories and layers as "categories.0", "layers.x"."""
        arrays: dict[str, AnyArray] = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {f"categories.{i}": shares for i, shares in enumerate(self.categories)}
        return arrays | {f"layers.{name}": level for name, level in self.layers.items()}

    @staticmethod
    def from_arrays(schema: Schema, arrays: Mapping[str, AnyArray]) -> "Reference":
        """The inverse of `to_arrays`.

        Raises ReferenceInvalid for unknown, missing or misshapen arrays, for infinite numbers,
        and for a class without rows.
        """
        layers = [name for name in arrays if name.startswith("layers.")]
        _check(arrays, expected_shapes(schema) | dict.fromkeys(layers, (2,)))
        return Reference(
            **{name: arrays[name] for name in _ARRAYS},
            categories=tuple(arrays[f"categories.{i}"] for i in range(len(schema.categorical))),
            layers={name.removeprefix("layers."): arrays[name] for name in layers},
        )


def _level_shares(
    schema: Schema, values: Float64, classes: tuple[Flags, Flags]
) -> tuple[Float64, ...]:
    return tuple(
        frozen64([level_shares(values[rows, column], kind) for rows in classes])
        for column, kind in schema.categories
    )


def _activity(layers: Mapping[str, Float64]) -> dict[str, Float64]:
    """Mean and sd of each layer's activation level."""
    return {
        name: frozen64(np.ravel(mean_and_sd(level.reshape(-1, 1))))
        for name, level in layers.items()
    }


_ARRAYS = tuple(
    field.name for field in fields(Reference) if field.name not in ("categories", "layers")
)


_COUNTS = ("rows", "distinct", "logit_rows")


def expected_shapes(schema: Schema) -> dict[str, tuple[int, ...]]:
    """The shape of each array of a reference for `schema`, its layers left out."""
    numeric = len(schema.numeric)
    shapes: dict[str, tuple[int, ...]] = {
        "rows": (2,),
        "distinct": (2,),
        "logit_rows": (2,),
        "mean": (numeric,),
        "sd": (numeric,),
        "class_mean": (2, numeric),
        "class_sd": (2, numeric),
        "correlation": (2, numeric, numeric),
        "quantiles": (2, numeric, QUANTILES),
        "logit_quantiles": (2, QUANTILES),
        "wander": (len(BLOCKS), numeric),
        "share_wander": (len(BLOCKS), share_cells(schema)),
        "missing": (2, len(schema.features)),
        "edges": (numeric, BINS - 1),
        "bin_shares": (2, numeric, BINS),
        "logit_edges": (BINS - 1,),
        "logit_bin_shares": (2, BINS),
        "band_logit": (2, BINS),
        "band_rank": (2, BINS, numeric),
        "band_variance": (2, BINS, numeric),
    }
    for i, (_, kind) in enumerate(schema.categories):
        shapes[f"categories.{i}"] = (2, len(kind.levels) + 1)
    return shapes


def _check(arrays: Mapping[str, AnyArray], shapes: Mapping[str, tuple[int, ...]]) -> None:
    if arrays.keys() != shapes.keys():
        odd = min(arrays.keys() ^ shapes.keys())
        raise ReferenceInvalid(f"reference: {odd[:100]!r} is missing or unknown")
    for name, array in arrays.items():
        dtype = np.int64 if name in _COUNTS else np.float64
        if array.shape != shapes[name] or array.dtype != dtype:
            found = f"{array.dtype} of shape {array.shape}"
            raise ReferenceInvalid(f"reference: {name[:100]!r} is {found}, expected {shapes[name]}")
        if np.isinf(array).any():
            raise ReferenceInvalid(f"reference: {name[:100]!r} is infinite, expected finite or NaN")
    if min(arrays["rows"].min(), arrays["logit_rows"].min()) < 1:
        raise ReferenceInvalid("reference: a class has no rows, expected both to have some")
