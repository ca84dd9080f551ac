"""What travels: transactions and labels as bytes."""

from typing import Any

import numpy as np
import orjson

from producer.batches import Batch
from producer.rows import Integers
from selfheal.model.schema import Fields, TimeUnit
from selfheal.records import Label, encode


def encode_transactions(batch: Batch, fields: Fields) -> list[bytes]:
    """Each transaction as a flat JSON object: id, time, and the features by name.

    The time is left out where `fields.time` is None. NaN becomes null. Labels are not in it.
    """
    columns: dict[str, list[Any]] = {fields.id: batch.ids}
    if fields.time is not None:
        columns[fields.time] = _times(batch.event_ms, fields.time_unit)
    columns |= batch.columns
    names = tuple(columns)
    rows = zip(*columns.values(), strict=True)
    return [orjson.dumps(dict(zip(names, row, strict=True))) for row in rows]


def encode_label(transaction: str, label: int, labelled_ms: int, source: str) -> bytes:
    """The label of one transaction, as the `feedback` topic holds it."""
    return encode(Label(transaction, label, labelled_ms, source))


def _times(event_ms: Integers, unit: TimeUnit) -> list[Any]:
    if unit == "ms":
        return event_ms.tolist()
    if unit == "s":
        return (event_ms / 1000.0).tolist()
    moments = event_ms.astype("datetime64[ms]")
    return [f"{moment}Z" for moment in np.datetime_as_string(moments).tolist()]
