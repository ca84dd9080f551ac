"""Figures of labelled batches, as served and beside the frozen shadow."""

import numpy as np

from healer.evidence import Rows
from healer.policy import Evidence
from selfheal.model.metrics import measure
from selfheal.records.healing_events import BatchJudged


def judged(batch: Rows, evidence: Evidence, z: float = np.nan) -> BatchJudged:
    """The figures of a batch whose rows are all labelled. z: FIDI, nan where it is not known."""
    figures = measure(batch.label, batch.score, evidence.served.threshold)
    shadow = measure(batch.label, batch.shadow_score, evidence.model.threshold)
    return BatchJudged(
        version=evidence.served.version,
        state="HEALTHY",  # the core knows it, and puts it in
        rows=len(batch),
        labelled_rows=len(batch),
        conflicts=int(batch.conflict.sum()),
        z=known(z),
        accuracy=known(figures.accuracy),
        precision=known(figures.precision),
        recall=known(figures.recall),
        f1=known(figures.f1),
        shadow_accuracy=known(shadow.accuracy),
        shadow_f1=known(shadow.f1),
        accuracy_lift=known(figures.accuracy - shadow.accuracy),
    )


def known(figure: float) -> float | None:
    """JSON has no NaN: what is undefined is null."""
    return None if np.isnan(figure) else float(figure)
