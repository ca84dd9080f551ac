"""Estimates of performance as events: what is expected, and what came of it."""

from healer.calibration import Belief, Calibration
from healer.forecasts import Forecast
from healer.judging import known
from healer.performance_estimate import Estimate, estimate
from selfheal.records.healing_events import PerformanceEstimated, PerformanceRealised


def estimated(
    ours: Estimate, shadow: Estimate, calibration: Calibration, version: str
) -> PerformanceEstimated:
    """What is expected of the serving version, and of the shadow on the same rows."""
    return PerformanceEstimated(
        version=version,
        rows=ours.rows,
        calibration="labels" if calibration.labels else "model",
        labelled_rows=calibration.labels,
        estimated_accuracy=ours.accuracy.value,
        accuracy_standard_error=ours.accuracy.standard_error,
        estimated_f1=known(ours.f1.value),
        f1_standard_error=known(ours.f1.standard_error),
        estimated_precision=known(ours.precision.value),
        estimated_recall=known(ours.recall.value),
        estimated_shadow_accuracy=known(shadow.accuracy.value),
        estimated_shadow_f1=known(shadow.f1.value),
    )


def realised(rows: Forecast, version: str) -> PerformanceRealised:
    """What was expected of rows whose labels have come, beside what these say.

    The standard errors are of chance alone: how well scores were calibrated is what is found out.
    """
    expected, truth = Belief.certain(rows.probability), Belief.certain(rows.label)
    ours = estimate(expected, rows.called, rows.weight)
    found = estimate(truth, rows.called, rows.weight)
    shadow = estimate(expected, rows.shadow_called, rows.weight)
    shadow_found = estimate(truth, rows.shadow_called, rows.weight)
    return PerformanceRealised(
        version=version,
        labelled_rows=len(rows),
        frauds=int(rows.label.sum()),
        accuracy=found.accuracy.value,
        estimated_accuracy=ours.accuracy.value,
        accuracy_standard_error=ours.accuracy.standard_error,
        f1=known(found.f1.value),
        estimated_f1=known(ours.f1.value),
        f1_standard_error=known(ours.f1.standard_error),
        shadow_accuracy=known(shadow_found.accuracy.value),
        estimated_shadow_accuracy=known(shadow.accuracy.value),
    )
