"""What a published version stands for: the stream as it was when the version was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from healer.alignment import distances
from selfheal.drift.binned_shares import Cells, expected_cells
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
    shares:    (c,) of levels and of missing values (see `Cells`), where these drifted too; None
               where they are those of the training rows
    """

    prior: float
    rows: int
    onset_ms: int
    quantiles: Floats | None = None
    is_taught: bool = False
    shares: Floats | None = None

    @property
    def is_own(self) -> bool:
        """True where its own rows describe it: it is none that an alignment leads to."""
        return self.quantiles is not None or self.shares is not None

    def stored(self) -> dict[str, float | NDArray[np.float64]]:
        """As it travels with a snapshot."""
        figures: dict[str, float | NDArray[np.float64]] = {
            "prior": self.prior,
            "rows": float(self.rows),
            "onset_ms": float(self.onset_ms),
            "is_taught": float(self.is_taught),
        }
        own = {"quantiles": self.quantiles, "shares": self.shares}
        return figures | {name: each for name, each in own.items() if each is not None}

    @staticmethod
    def read(stored: Mapping[str, NDArray[np.float64]]) -> "Regime | None":
        """The inverse of `stored`; None where another policy made the snapshot."""
        if not {"prior", "rows", "onset_ms"} <= stored.keys():
            return None
        prior, rows, onset_ms = (float(stored[name]) for name in ("prior", "rows", "onset_ms"))
        is_taught = bool(stored.get("is_taught", np.zeros(())))
        own, shares = stored.get("quantiles"), stored.get("shares")
        return Regime(prior, int(rows), int(onset_ms), own, is_taught, shares)


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


def cells_of(regime: Regime | None, model: Model) -> Cells:
    """How often each level, and no value, should come; None is the regime of the training rows."""
    prior = regime.prior if regime else model.reference.prior
    clean = expected_cells(model, prior)
    if regime is None or regime.shares is None:
        return clean
    return clean.measured(regime.shares, regime.rows)


def worst_distance(
    values: Floats, regime: Regime | None, adapter: Adapter | None, model: Model
) -> float:
    """How far raw rows (n, f) are from a regime, in standard errors of the worst feature.

    Its levels and its missing values count as its numbers do.
    """
    seen = seen_in(values, regime, adapter, model)
    present = np.count_nonzero(~np.isnan(seen), axis=0)[None, :]
    cells = cells_of(regime, model)
    found = cells.counted(cells.codes(values), present, [len(values)])
    of_shares = float(cells.errors(found).max(initial=0.0))
    return float(max([of_shares, *distances(seen, mixtures_of(regime, model))]))


def _is_own(regime: Regime | None) -> bool:
    return regime is not None and regime.quantiles is not None


@lru_cache(maxsize=64)
def _own_mixtures(regime: Regime) -> tuple[Mixture, ...]:
    half = regime.rows / 2.0
    quantiles = regime.quantiles if regime.quantiles is not None else np.zeros((0, 2))
    pairs = [np.stack([own, own]) for own in quantiles]
    return tuple(Classes(pair, (half, half)).mixture(0.5) for pair in pairs)
