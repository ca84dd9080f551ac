"""One valid record of every type, as its sender would write it."""

import pytest

from selfheal.records import (
    ActivateCommand,
    Command,
    Conflict,
    Feedback,
    Label,
    LabelRequest,
    Moments,
    Pin,
    PinCommand,
    Pointer,
    Prediction,
    RollBackCommand,
    Sample,
    Summary,
    Thresholds,
    ThresholdsCommand,
)

SCORED = {
    "id": "t1",
    "event_ms": 1_000,
    "scored_ms": 1_020,
    "features": {"V14": -2.5, "channel": "web", "age": None},
    "score": 0.25,
    "shadow_score": 0.75,
    "version": "v3",
    "epoch": 4,
}

RECORDS = [
    Label(id="t1", label=1, labelled_ms=5_000, source="chargebacks"),
    Sample(**SCORED, inclusion_probability=0.01),
    Conflict(**SCORED, rules=("low V14",), inclusion_probability=1.0),
    Summary(
        instance="scorer-1",
        version="base",
        epoch=0,
        first_event_ms=1_000,
        last_event_ms=6_000,
        rows=3,
        bins={"V14": [0, 2, 1]},
        score_bins=[3, 0],
        moments={"V14": Moments(count=3, mean=-0.5, squared_deviation=2.0)},
        missing={"V14": 0},
        categories={"channel": {"web": 2, "": 1}},
        conflicts=1,
        layers={"backbone": Moments(count=3, mean=0.1, squared_deviation=0.2)},
    ),
    ActivateCommand(id="c1", version="v3", reason="trial", issued_ms=7_000),
    RollBackCommand(id="c2", reason="complaints", issued_ms=7_001),
    PinCommand(id="c3", version="v3", is_pinned=True, reason="audit", issued_ms=7_002),
    ThresholdsCommand(id="c4", values={"health_window": 8.0}, reason="calm", issued_ms=7_003),
    Pointer(
        epoch=4,
        version="v3",
        snapshot_hash="ab" * 32,
        backbone_hash="cd" * 32,
        threshold=0.5,
        reason="heal 2",
        key_id="k1",
        issued_ms=7_004,
    ),
    Pin(version="v3", reason="audit", key_id="k1", issued_ms=7_005),
    Prediction(
        id="t1",
        event_ms=1_000,
        scored_ms=1_020,
        score=0.25,
        decision=0,
        version="v3",
        epoch=4,
        shadow_score=0.75,
        rules=("low V14",),
        conflict=True,
    ),
    LabelRequest(id="t1", event_ms=1_000, reason="near the threshold", priority=0.9),
    Thresholds(),
]


@pytest.fixture(params=RECORDS, ids=lambda record: type(record).__name__)
def record(request):
    """Each record type's example in turn."""
    return request.param


@pytest.fixture(params=[each for each in RECORDS if isinstance(each, Feedback)])
def feedback(request):
    """An example of each kind of feedback."""
    return request.param


@pytest.fixture(params=[each for each in RECORDS if isinstance(each, Command)])
def command(request):
    """An example of each kind of command."""
    return request.param
