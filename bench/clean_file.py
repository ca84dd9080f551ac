# pyright: standard
# (pyarrow ships no types)
"""A CSV file in which nothing drifts, as large as one likes."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from producer.regimes import G2
from producer.scenarios import SCHEMA

TARGET = "is_fraud"

_PART_ROWS = 50_000


def write_clean_file(path: Path, rows: int, features: int, seed: int) -> None:
    """Rows of G2 with its ten features, and noise in those beyond; the label in `TARGET`.

    features: 10 or more
    """
    rng = np.random.default_rng(seed)
    more = [f"noise_{number}" for number in range(features - len(SCHEMA.names))]
    names = [*SCHEMA.names, *more]
    kinds = pa.schema([*((name, pa.float64()) for name in names), (TARGET, pa.int8())])
    with pyarrow.csv.CSVWriter(path, kinds) as file:
        for first in range(0, rows, _PART_ROWS):
            row = np.arange(first, min(first + _PART_ROWS, rows))
            drawn = G2.draw(rng, row, np.zeros(len(row)))
            noise = rng.standard_normal((len(row), len(more)))
            columns = [*drawn.values.T, *noise.T, drawn.labels]
            file.write_table(pa.table([pa.array(column) for column in columns], schema=kinds))
