"""Rows and records as the healer's tests write them."""

import numpy as np

from healer.evidence import Rows
from healer.window import ScoredRows
from selfheal.records.feedback import Conflict, Label, Sample


def sample(id_: str, event_ms: int = 0, **changes: object) -> Sample:
    """A sample of one feature; give what matters."""
    facts = {
        "scored_ms": event_ms,
        "features": {"x": 0.0},
        "score": 0.2,
        "shadow_score": 0.3,
        "version": "base",
        "epoch": 0,
        "inclusion_probability": 1.0,
    }
    return Sample(id=id_, event_ms=event_ms, **(facts | changes))


def conflict(id_: str) -> Conflict:
    return Conflict(
        id=id_,
        event_ms=0,
        scored_ms=0,
        features={"x": 0.0},
        score=0.1,
        shadow_score=0.1,
        version="base",
        epoch=0,
        rules=("low",),
        inclusion_probability=1.0,
    )


def label(id_: str, truth: int = 1, labelled_ms: int = 0) -> Label:
    return Label(id=id_, label=truth, labelled_ms=labelled_ms)


def scored_rows(samples: list[Sample]) -> ScoredRows:
    """The samples as arrays; the feature of each is its event time."""
    return ScoredRows(
        ids=[each.id for each in samples],
        event_ms=np.array([each.event_ms for each in samples], dtype=np.int64),
        values=np.array([[each.event_ms] for each in samples], dtype=np.float64).reshape(-1, 1),
        score=np.array([each.score for each in samples]),
        shadow_score=np.array([each.shadow_score for each in samples]),
        epoch=np.array([each.epoch for each in samples], dtype=np.int64),
        weight=np.array([1.0 / each.inclusion_probability for each in samples]),
        conflict=np.zeros(len(samples), dtype=np.bool_),
    )


def rows_of(values: np.ndarray, **columns: np.ndarray) -> Rows:
    """Rows in the order of their event times, one a millisecond, unlabelled unless told."""
    count = len(values)
    known = {
        "order": np.arange(count),
        "event_ms": np.arange(count),
        "values": values,
        "score": np.full(count, 0.5),
        "shadow_score": np.full(count, 0.5),
        "epoch": np.zeros(count, dtype=np.int64),
        "weight": np.ones(count),
        "conflict": np.zeros(count, dtype=np.bool_),
        "label": np.full(count, np.nan),
        "labelled_ms": np.zeros(count, dtype=np.int64),
    }
    return Rows(**(known | columns))
