from collections.abc import Callable
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from selfheal.records import EVENTS, Event
from selfheal.telemetry.batches import ScoredStream

# one name means one thing in every event, so one value serves them all
VALUES: dict[str, Any] = {
    "accuracy": 0.941,
    "accuracy_drop": 0.12,
    "accuracy_lift": 0.394,
    "accuracy_standard_error": 0.008,
    "adapter_age_s": 12.5,
    "alert_share": 0.14,
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
    "estimated_accuracy": 0.937,
    "estimated_f1": 0.79,
    "estimated_precision": 0.82,
    "estimated_recall": 0.77,
    "estimated_shadow_accuracy": 0.55,
    "estimated_shadow_f1": 0.41,
    "expected": "float > 0.0",
    "f1": 0.81,
    "f1_drop": 0.09,
    "f1_standard_error": 0.03,
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
    "previous_alert_share": 0.31,
    "previous_backbone_hash": "fedcba9876543210" * 4,
    "previous_decision_threshold": 0.4,
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


SHIFT = 2.2
PRIOR = 0.15


def abrupt_run(n: int, label_rate: float = 1.0, seed: int = 5) -> ScoredStream:
    """A run as the demo makes it, from known distributions: no broker, no network, no healer.

    V14 of everyone falls by 2.2 at a third of the stream; alignments follow, and a rollback.
    """
    rng = np.random.default_rng(seed)
    is_fraud = rng.random(n) < PRIOR
    row = np.arange(n)
    onset = n // 3
    drift = np.where(row >= onset, -SHIFT, 0.0)
    v14 = np.where(is_fraud, rng.normal(-2.5, 0.8, n), rng.normal(0, 1, n)) + drift
    others = np.where(is_fraud, rng.normal(1.2, 1.0, n), rng.normal(0, 1, n))
    versions, states, correction = _story(n, onset)
    scores = _posterior(v14 + correction, others)
    shadow_scores = _posterior(v14, others)
    labels = np.where(rng.random(n) < label_rate, is_fraud.astype(float), np.nan)
    batch = row // 100
    means = np.bincount(batch, weights=v14) / np.bincount(batch)
    return ScoredStream(
        labels=labels,
        scores=scores,
        decisions=scores >= 0.5,
        shadow_scores=shadow_scores,
        conflicts=(v14 + correction < -1.5) & (scores < 0.30),
        versions=versions,
        states=states,
        z=np.abs(means + 0.363)[batch] / 1.323,
        event_ms=1_760_000_000_000 + row.astype(np.int64),
    )


def _story(n: int, onset: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Versions, states and the shift of V14 that each version takes back."""
    versions, states = np.full(n, "base", dtype="<U4"), np.full(n, "HEALTHY", dtype="<U11")
    correction = np.zeros(n)
    step = n // 60
    for first, version, taken_back in (
        (onset + step, "v1", 1.8),
        (onset + 3 * step, "v2", SHIFT),
        (onset + 20 * step, "v3", -1.0),
        (onset + 22 * step, "v2", SHIFT),
    ):
        versions[first:], correction[first:] = version, taken_back
    for first, state in (
        (onset + step // 2, "DRIFTING"),
        (onset + 2 * step // 3, "HEALING"),
        (onset + step, "HEALTHY"),
        (onset + 2 * step, "DRIFTING"),
        (onset + 5 * step // 2, "HEALING"),
        (onset + 3 * step, "HEALTHY"),
        (onset + 22 * step, "ROLLED_BACK"),
        (onset + 24 * step, "HEALTHY"),
    ):
        states[first:] = state
    return versions, states, correction


def _posterior(v14: np.ndarray, other: np.ndarray) -> np.ndarray:
    evidence = norm.logpdf(v14, -2.5, 0.8) - norm.logpdf(v14, 0, 1)
    evidence = evidence + norm.logpdf(other, 1.2, 1) - norm.logpdf(other, 0, 1)
    return expit(evidence + np.log(PRIOR / (1 - PRIOR)))


@pytest.fixture(scope="session")
def simulate() -> Callable[..., ScoredStream]:
    """See `abrupt_run`."""
    return abrupt_run
