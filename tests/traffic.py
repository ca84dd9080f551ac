"""Rows of the scenario `abrupt` as the records that a test writes, with the truth about them."""

from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from producer.scenarios import SCHEMA, scenario
from producer.stream import Stream
from selfheal.bus.message import Outgoing
from selfheal.bus.topics import Topics
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model
from selfheal.records import Label, Sample, encode
from selfheal.records.authenticity import CODE_HEADER, feedback_code

START_MS = 1_700_000_000_000
SCENARIO = "abrupt"


@dataclass(frozen=True)
class Traffic:
    """Some rows of a stream. values: (n, f); labels: (n,) 0 or 1; a row a millisecond."""

    ids: list[str]
    values: NDArray[np.float64]
    labels: NDArray[np.int8]

    def transactions(self, topics: Topics) -> list[Outgoing]:
        """What a producer writes."""
        names = SCHEMA.names
        return [
            Outgoing(
                topics.transactions,
                orjson.dumps(
                    {"id": id_, "timestamp": START_MS + i, **dict(zip(names, row, strict=True))}
                ),
                id_.encode(),
            )
            for i, (id_, row) in enumerate(zip(self.ids, self.values.tolist(), strict=True))
        ]

    def samples(
        self, topics: Topics, model: Model, secret: bytes, begin_ms: int = START_MS
    ) -> list[Outgoing]:
        """What a scorer that serves the backbone alone sends back of them."""
        scores = compile_model(model).score(self.values)
        records = []
        for i, (id_, row) in enumerate(zip(self.ids, self.values.tolist(), strict=True)):
            sample = Sample(
                id=id_,
                event_ms=begin_ms + i,
                scored_ms=begin_ms + i,
                features=dict(zip(SCHEMA.names, row, strict=True)),
                score=float(scores.score[i]),
                shadow_score=float(scores.shadow_score[i]),
                version="base",
                epoch=1,
                inclusion_probability=1.0,
            )
            key, value = id_.encode(), encode(sample)
            code = feedback_code(secret, key, value)
            records.append(Outgoing(topics.feedback, value, key, ((CODE_HEADER, code),)))
        return records

    def known_labels(self, topics: Topics) -> list[Outgoing]:
        """What whoever knows the truth writes."""
        return [
            Outgoing(topics.feedback, encode(Label(id_, int(label), START_MS)), id_.encode())
            for id_, label in zip(self.ids, self.labels, strict=True)
        ]


def clean(rows: int, seed: int = 1) -> Traffic:
    """Rows from before the drift."""
    return _of_segment(0, rows, seed, "clean")


def drifted(rows: int, seed: int = 1) -> Traffic:
    """Rows from after the drift."""
    return _of_segment(1, rows, seed, "drifted")


def _of_segment(segment: int, rows: int, seed: int, name: str) -> Traffic:
    fresh = Stream(scenario(SCENARIO), seed, rows).fresh(segment, rows)
    return Traffic([f"{name}-{seed}-{i}" for i in range(rows)], fresh.values, fresh.labels)
