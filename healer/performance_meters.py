"""The estimates of performance as metrics."""

from typing import TypeAlias

from selfheal.records.healing_events import (
    PerformanceEstimated,
    PerformanceRealised,
    PerformanceWithdrawn,
)
from selfheal.telemetry import metrics
from selfheal.telemetry.meters import Meters
from selfheal.telemetry.metric_kinds import Gauge

Told: TypeAlias = PerformanceEstimated | PerformanceWithdrawn | PerformanceRealised


def show_performance(meters: Meters, told: Told) -> None:
    """What is expected now, or nothing while nobody can tell; the last error stays."""
    match told:
        case PerformanceEstimated():
            _show(meters, metrics.ESTIMATED_ACCURACY_RATIO, "healed", told.estimated_accuracy)
            _show(meters, metrics.ESTIMATED_F1_RATIO, "healed", told.estimated_f1)
            shadow = told.estimated_shadow_accuracy
            _show(meters, metrics.ESTIMATED_ACCURACY_RATIO, "shadow", shadow)
            _show(meters, metrics.ESTIMATED_F1_RATIO, "shadow", told.estimated_shadow_f1)
        case PerformanceWithdrawn():
            for gauge in (metrics.ESTIMATED_ACCURACY_RATIO, metrics.ESTIMATED_F1_RATIO):
                for model in ("healed", "shadow"):
                    meters.forget(gauge, model=model)
        case PerformanceRealised():
            error = told.estimated_accuracy - told.accuracy
            meters.set(metrics.ESTIMATE_ERROR_RATIO, error, figure="accuracy")
            if told.f1 is not None and told.estimated_f1 is not None:
                error = told.estimated_f1 - told.f1
                meters.set(metrics.ESTIMATE_ERROR_RATIO, error, figure="f1")


def _show(meters: Meters, gauge: Gauge, model: str, figure: float | None) -> None:
    if figure is None:
        meters.forget(gauge, model=model)
    else:
        meters.set(gauge, figure, model=model)
