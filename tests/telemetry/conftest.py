from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from selfheal.records import EVENTS, Event

# one name means one thing in every event, so one value serves them all
VALUES: dict[str, Any] = {
    "accuracy": 0.941,
    "accuracy_drop": 0.12,
    "accuracy_lift": 0.394,
    "adapter_age_s": 12.5,
    "backbone_hash": "0123456789abcdef" * 4,
    "changed_share": 0.42,
    "command_id": "command-7",
    "conflicts": 6,
    "dead_letters": 3,
    "decision_threshold": 0.5,
    "delay_s": 0.08,
    "detector": "ranks",
    "duration_s": 3.25,
    "epoch": 4,
    "episode": 2,
    "error_class": "RowError",
    "expected": "float > 0.0",
    "f1": 0.81,
    "f1_drop": 0.09,
    "fault": "is str",
    "features": ("V14", "V4"),
    "field": "rollback_f1_drop",
    "frauds": 15,
    "heal": 3,
    "health_window": 5,
    "is_lost": False,
    "kept_version": "v2",
    "labelled_rows": 20,
    "lag_records": 1000,
    "layers": ("backbone.0",),
    "loss_gain": 0.31,
    "onset_ms": 1_760_000_000_000,
    "parent": "base",
    "partition": 1,
    "partitions": (0, 1),
    "parts": ("alignment", "output"),
    "period_s": 10.0,
    "policy": "selfheal",
    "precision": 0.79,
    "previous_accuracy": 0.547,
    "previous_f1": 0.41,
    "previous_health_window": 10,
    "previous_rollback_acc_drop": 0.1,
    "previous_rollback_f1_drop": 0.08,
    "previous_version": "v2",
    "rate_per_s": 1500.0,
    "reason": "too_few_frauds",
    "recall": 0.83,
    "records": 12,
    "release": "0.1.0",
    "requests": 200,
    "rollback_acc_drop": 0.1,
    "rollback_f1_drop": 0.03,
    "rows": 100,
    "shadow_accuracy": 0.547,
    "shadow_f1": 0.41,
    "snapshots": 9,
    "stage": "decode",
    "standard_error": 0.02,
    "statistic": 6.4,
    "swap_s": 0.001,
    "threshold": 5.2,
    "topic": "transactions",
    "transactions": 500,
    "version": "v3",
    "z": 1.66,
}


def example_of(event_type: type[Event]) -> Event:
    """An event of this type with every field filled; the first word of a fixed vocabulary."""
    hints = get_type_hints(event_type)
    return event_type(
        **{
            field.name: get_args(hints[field.name])[0]
            if get_origin(hints[field.name]) is Literal
            else VALUES.get(field.name, "shift")
            for field in fields(event_type)
        }
    )


@pytest.fixture(params=EVENTS)
def event(request: pytest.FixtureRequest) -> Event:
    return example_of(EVENTS[request.param])
