"""Windows of drifted rows that heals are timed on: normal ones, skewed ones, a bank's cards."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.healing.gaussian import model_at, random_affine
from bench.healing.labelled import known
from bench.healing.map_drifts import MAPS, moved
from bench.healing.sources import drawn_and_trained
from healer.evidence import Rows as Evidence
from producer.operators import everyone, legit_only
from producer.regimes import G2
from producer.rows import Rows
from selfheal.model.model import Model

_SHIFT_SD = 2.2
_SOURCES = ("skewed", "cards")
_STREAM, _MAP = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class DriftedRows:
    """Labelled rows of one drift, and the model that knows the rows before it.

    is_normal: within each class, so that a heal goes by likelihood and not by ranks
    """

    name: str
    is_normal: bool
    model: Model
    rows: Evidence

    @property
    def features(self) -> int:
        """Numeric ones, of which an alignment maps each."""
        return len(self.model.schema.numeric)

    def windows(self, rows: int) -> Iterator[Evidence]:
        """As many windows as there are rows for; no row is in two."""
        for first in range(0, len(self.rows) - rows + 1, rows):
            yield self.rows.part(slice(first, first + rows))


def drifted_rows(rows: int, seed: int) -> Iterator[DriftedRows]:
    """Every kind, so many rows each."""
    rng, model = np.random.default_rng([seed, _STREAM]), model_at("G2", seed)
    regimes = {
        "normal, one feature moved": everyone(G2, _SHIFT_SD),
        "normal, every feature mapped": random_affine(G2, seed),
        "normal, legitimate rows moved": legit_only(G2, _SHIFT_SD),
    }
    for name, regime in regimes.items():
        drawn = regime.draw(rng, np.arange(rows), np.zeros(rows))
        yield DriftedRows(name, True, model, known(drawn))
    for source in _SOURCES:
        found, model = drawn_and_trained(source, seed, rows)
        mapping = MAPS["affine, half"](found, np.random.default_rng([seed, _MAP]))
        values, unknown = moved(found, mapping, np.ones(rows)), np.full(rows, np.nan)
        drifted = known(Rows(values, found.labels, unknown))
        yield DriftedRows(f"{source}, half of the features mapped", False, model, drifted)
