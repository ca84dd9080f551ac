"""How well rows are decided before their labels come, and how right that was when they do.

What serves is believed: its calibrated scores say what to expect of its own decisions, and of
those of the frozen shadow on the same rows. A shadow on drifted rows is sure of itself and wrong,
so its own scores are never asked. Nothing is said where the policy knows that scores mean
something else now than they did.
"""

import numpy as np

from healer.calibration import Calibration, adapted_calibration, own_calibration
from healer.evidence import Floats, Rows
from healer.forecasts import Forecast, Forecasts
from healer.performance_estimate import estimate
from healer.performance_events import estimated, realised
from healer.policy import Serving
from healer.window import FeedbackWindow
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.events import Event
from selfheal.records.healing_events import PerformanceWithdrawn

ESTIMATED_ROWS = 1_000
"""Rows of an estimate, and between two."""

FIRST_ROWS = 200
"""Rows of a version's first estimate."""

REALISED_LABELS = 200
"""Labels after which what was expected of their rows is compared with them."""

_SMALLEST_SCORE = 1e-9


class PerformanceWatch:
    """Estimates the performance of what serves, and remembers it until labels come."""

    def __init__(self) -> None:
        self._forecasts = Forecasts()
        self._doubt: str | None = None
        self._epoch = -1
        self._since = 0
        self._labels_seen = 0
        self._pairs = 0

    def begin(self, window: FeedbackWindow) -> None:
        """Only what comes from now on is estimated: on taking the lead."""
        self._forecasts, self._epoch, self._pairs = Forecasts(), -1, 0
        self._since, self._labels_seen = window.samples_seen, window.labels_joined

    def look(
        self, doubt: str | None, model: Model, served: Serving, window: FeedbackWindow
    ) -> list[Event]:
        """What is to be told now; most times nothing.

        doubt: why scores do not mean what they did, as a word for events; None where they do
        """
        told = self._met(served, window)
        if doubt is not None:
            is_new, self._doubt = doubt != self._doubt, doubt
            self._since = window.samples_seen
            return [*told, PerformanceWithdrawn(served.version, doubt)] if is_new else told
        is_first = self._doubt is not None or served.epoch != self._epoch
        if window.samples_seen - self._since < (FIRST_ROWS if is_first else ESTIMATED_ROWS):
            return told
        rows = window.newest(window.samples_seen - self._since)
        rows = rows.part(rows.epoch == served.epoch)
        if len(rows) < FIRST_ROWS:
            return told
        self._doubt, self._epoch, self._since = None, served.epoch, window.samples_seen
        self._meet(window)  # what is expected learns from all labels so far
        return [*told, self._estimated(rows, model, served)]

    def _estimated(self, rows: Rows, model: Model, served: Serving) -> Event:
        calibration = self._calibration(model, served)
        logit = _logit(rows.score)
        belief = calibration.belief(logit)
        called = rows.score >= served.threshold
        shadow_called = rows.shadow_score >= model.threshold
        self._forecasts = self._forecasts.made(
            Forecast(
                order=rows.order,
                epoch=rows.epoch,
                weight=rows.weight,
                logit=logit,
                probability=belief.probability,
                called=called,
                shadow_called=shadow_called,
                label=rows.label,
            )
        )
        ours = estimate(belief, called, rows.weight)
        shadow = estimate(belief, shadow_called, rows.weight)
        return estimated(ours, shadow, calibration, served.version)

    def _calibration(self, model: Model, served: Serving) -> Calibration:
        """The model's own, taught by the labels of rows that this very version has scored."""
        is_base = served.version == BASE_VERSION
        own = own_calibration(model) if is_base else adapted_calibration(model)
        paired = self._forecasts.paired
        paired = paired.part(paired.epoch == served.epoch)
        return own.taught(paired.logit, paired.label)

    def _met(self, served: Serving, window: FeedbackWindow) -> list[Event]:
        """Every so many labels tell how right the estimates were.

        They are joined once there may be enough of them: each time, all that waits is copied.
        """
        unseen = window.labels_joined - self._labels_seen
        if self._forecasts.pairs - self._pairs + unseen < REALISED_LABELS:
            return []
        self._meet(window)
        count = self._forecasts.pairs - self._pairs
        if count < REALISED_LABELS:
            return []
        self._pairs = self._forecasts.pairs
        return [realised(self._forecasts.paired.newest(count), served.version)]

    def _meet(self, window: FeedbackWindow) -> None:
        """Takes in the labels that have come."""
        if window.labels_joined > self._labels_seen:
            self._forecasts = self._forecasts.met(window.joined(self._labels_seen))
            self._labels_seen = window.labels_joined


def _logit(score: Floats) -> Floats:
    clipped = score.clip(_SMALLEST_SCORE, 1.0 - _SMALLEST_SCORE)
    return np.log(clipped / (1.0 - clipped))
