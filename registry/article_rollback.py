"""The published rollback rule, as it is: kept for the policy `article` and for comparison.

Source: the self-healing fraud article and its production script. What is wrong with it:
the baseline is measured on the batch that the heal trained on, and the versions
are compared by figures from different batches. `choose_rollback` does neither.
"""

from dataclasses import dataclass, replace
from math import isnan
from typing import Literal, TypeAlias

Measure: TypeAlias = Literal["f1", "accuracy"]


@dataclass(frozen=True, slots=True)
class ArticleThresholds:
    """What operations may set.

    rollback_f1_drop:  a rolling F1 further than this below the baseline rolls back
    rollback_acc_drop: the same for accuracy
    health_window:     batches in the rolling mean
    """

    rollback_f1_drop: float = 0.08
    rollback_acc_drop: float = 0.10
    health_window: int = 5


@dataclass(frozen=True, slots=True)
class HealthFault:
    """A measure that fell too far: by how much below the baseline, and a line for people."""

    measure: Measure
    drop: float
    reason: str


@dataclass(frozen=True, slots=True)
class ArticleRollback:
    """The last batches' figures and the baseline, each method giving the next state.

    baseline: (accuracy, F1) of the first successful heal; None before it
    recent:   (accuracy, F1) of the last batches, oldest first

    >>> health = ArticleRollback().with_baseline(accuracy=0.9, f1=0.7)
    >>> for _ in range(3):
    ...     health = health.with_batch(accuracy=0.9, f1=0.6)
    >>> health.fault().reason
    'f1 0.600 is 0.100 below the baseline 0.700, more than 0.08'
    """

    thresholds: ArticleThresholds = ArticleThresholds()
    baseline: tuple[float, float] | None = None
    recent: tuple[tuple[float, float], ...] = ()

    def with_baseline(self, accuracy: float, f1: float) -> "ArticleRollback":
        """Set the baseline at the first successful heal; later heals do not move it."""
        return self if self.baseline else replace(self, baseline=(accuracy, f1))

    def with_batch(self, accuracy: float, f1: float) -> "ArticleRollback":
        """Count one batch, healed or not. An F1 that is undefined counts 0, as published."""
        recent = (*self.recent, (accuracy, 0.0 if isnan(f1) else f1))
        return replace(self, recent=recent[-self.thresholds.health_window :])

    def fault(self) -> "HealthFault | None":
        """Why to restore the best post-heal snapshot now; None while all is well.

        Judged from the third batch on (of a shorter window, when it is full). The window is not
        emptied by a rollback, as published, so another may follow at the next heal.
        """
        if self.baseline is None or len(self.recent) < min(3, self.thresholds.health_window):
            return None
        limits = self.thresholds.rollback_acc_drop, self.thresholds.rollback_f1_drop
        measures: tuple[tuple[Measure, int], ...] = (("f1", 1), ("accuracy", 0))
        for name, position in measures:
            now = sum(batch[position] for batch in self.recent) / len(self.recent)
            drop = self.baseline[position] - now
            if drop > limits[position]:
                reason = (
                    f"{name} {now:.3f} is {drop:.3f} below the baseline "
                    f"{self.baseline[position]:.3f}, more than {limits[position]:g}"
                )
                return HealthFault(name, drop, reason)
        return None
