"""What the scorer's tests serve: numbers, a category, missing values, rules of every kind."""

import numpy as np

from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.model.schema import Categorical, Numeric, Schema
from selfheal.records import Pointer

SCHEMA = Schema((Numeric("V14"), Categorical("channel", ("web", "shop")), Numeric("amount")))

RULES = """
[[rule]]
name = "low_raw"
when = "V14 < -1.5"

[[rule]]
name = "low_aligned"
when = "V14 < -1.5"
on = "aligned"

[[rule]]
name = "small_shop"
when = "channel == 'shop' and amount < 10"
verdict = "legitimate"
"""

SHIFT = 0.8
ADAPTER = Adapter(
    alignment=InputAlignment(np.array([1.0, 0.5]), np.array([SHIFT, 0.0])),
    output=Output(1.0, -0.25, None),
)


def raw_values(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Raw values (rows, 3) and labels: fraud has a low V14 and comes from the web."""
    labels = (rng.random(rows) < 0.3).astype(int)
    channel = np.where(rng.random(rows) < 0.3 + 0.4 * labels, 0.0, 1.0)
    amount = np.where(rng.random(rows) < 0.1, np.nan, rng.lognormal(3, 1, rows))
    return np.column_stack([rng.normal(-2.5 * labels), channel, amount]), labels


def pointer_to(version: str, epoch: int, threshold: float) -> Pointer:
    """What the registry says of a version that serves."""
    return Pointer(
        epoch=epoch,
        version=version,
        snapshot_hash="",
        backbone_hash="",
        threshold=threshold,
        reason="heal",
        key_id="",
        issued_ms=9,
    )
