"""What a published version stands for: the stream as it was when the version was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from healer.alignment import distances
from selfheal.drift.expected import expected
from selfheal.drift.mixture import Classes, Floats, Mixture
from selfheal.model.adapter import Adapter
from selfheal.model.model import Model

_QUANTILES = 129


@dataclass(frozen=True, slots=True, eq=False)
class Regime:
    """A stretch of the stream in which nothing drifts.

    prior:     share of frauds that goes with it
    rows:      that were known of it
    onset_ms:  event time of the oldest of them
    quantiles: (k, 129) of the raw numeric features, where no alignment leads back to the training
               rows; None where one does, and the aligned rows look like those
    is_taught: labels have taught the correction that serves in it
    """

    prior: float
    rows: int
    onset_ms: int
    quantiles: Floats | None = None
    is_taught: bool = False

    def stored(self) -> dict[str, float | NDArray[np.float64]]:
        """As it travels with a snapshot."""
        figures: dict[str, float | NDArray[np.float64]] = {
            "prior": self.prior,
            "rows": float(self.rows),
            "onset_ms": float(self.onset_ms),
            "is_taught": float(self.is_taught),
        }
        return figures if self.quantiles is None else figures | {"quantiles": self.quantiles}

    @staticmethod
    def read(stored: Mapping[str, NDArray[np.float64]]) -> "Regime | None":
        """The inverse of `stored`; None where another policy made the snapshot."""
        if not {"prior", "rows", "onset_ms"} <= stored.keys():
            return None
        prior, rows, onset_ms = (float(stored[name]) for name in ("prior", "rows", "onset_ms"))
        is_taught = bool(stored.get("is_taught", np.zeros(())))
        return Regime(prior, int(rows), int(onset_ms), stored.get("quantiles"), is_taught)


def own_quantiles(values: Floats) -> Floats:
    """(k, 129) quantiles of numeric columns (n, k), missing values left out; 0 for none at all."""
    steps = np.linspace(0.0, 1.0, _QUANTILES)
    return np.array([_quantiles(column[~np.isnan(column)], steps) for column in values.T])


def _quantiles(present: Floats, steps: Floats) -> Floats:
    return np.quantile(present, steps) if len(present) else np.zeros_like(steps)


def seen_in(values: Floats, regime: Regime | None, adapter: Adapter | None, model: Model) -> Floats:
    """(n, k) numeric features in the space in which the regime knows them."""
    numeric = model.schema.numeric
    if adapter is not None and not _is_own(regime):
        values = adapter.align(values, numeric)
    return values[:, numeric]


def mixtures_of(regime: Regime | None, model: Model) -> tuple[Mixture, ...]:
    """What each of the k numeric features should look like; None is that of the training rows."""
    if regime is None:
        return expected(model, model.reference.prior).features
    if regime.quantiles is None:
        return expected(model, regime.prior).features
    return _own_mixtures(regime)


def worst_distance(
    values: Floats, regime: Regime | None, adapter: Adapter | None, model: Model
) -> float:
    """How far raw rows (n, f) are from a regime, in standard errors of the worst feature."""
    seen = seen_in(values, regime, adapter, model)
    return float(max(distances(seen, mixtures_of(regime, model)), default=0.0))


def _is_own(regime: Regime | None) -> bool:
    return regime is not None and regime.quantiles is not None


@lru_cache(maxsize=64)
def _own_mixtures(regime: Regime) -> tuple[Mixture, ...]:
    half = regime.rows / 2.0
    quantiles = regime.quantiles if regime.quantiles is not None else np.zeros((0, 2))
    pairs = [np.stack([own, own]) for own in quantiles]
    return tuple(Classes(pair, (half, half)).mixture(0.5) for pair in pairs)
