"""DeepDrift's layer monitor: which layer of the network has left what it did on clean rows?

Source: DeepDrift 0.2.1. Calibrated on clean rows; for each layer a z, a critical limit of 3.0, an
early warning on the slope of z above 0.05 a look over a window of 20 looks, recovery only below
1.5, and a diagnosis from the place of the layer. Corrected here:
- its z is in sds of a row and so depends on the batch: with no drift at all it is 4.0 on average at
  8 rows and 0.5 at 512. Here z is in standard errors of the mean, of the look and of the baseline;
- a slope of 0.05 is 1.3 standard errors of the slope of 20 looks: one look in five would warn.
  Both limits rise to what a stated run length asks for, the warning's ten times shorter, or it
  would seldom come before the alarm. A smallest effect is required, since in enough rows any layer
  is significantly away from its baseline;
- the baseline belongs to one adapter version (`layer_baselines.py`): a heal changes the layers.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, sqrt
from typing import Literal, TypeAlias

import numpy as np

from selfheal.drift.alarms import AlarmBudget, normal_limit

Diagnosis: TypeAlias = Literal["sensor_failure", "spurious_correlation", "geometric_collapse"]


class LayerState(StrEnum):
    """Of one layer; a monitor has the gravest of its layers'."""

    CALM = "calm"
    WARNING = "warning"
    CRITICAL = "critical"


class LayerSign(StrEnum):
    """What one look says of a layer."""

    LOW = "low"
    BETWEEN = "between"
    RISING = "rising"
    HIGH = "high"


TRANSITIONS: dict[tuple[LayerState, LayerSign], LayerState] = {
    (LayerState.CALM, LayerSign.RISING): LayerState.WARNING,
    (LayerState.CALM, LayerSign.HIGH): LayerState.WARNING,
    (LayerState.WARNING, LayerSign.HIGH): LayerState.CRITICAL,
    (LayerState.WARNING, LayerSign.LOW): LayerState.CALM,
    (LayerState.CRITICAL, LayerSign.LOW): LayerState.CALM,
}
"""Every pair that is not here stays as it is: between the limits, nothing changes.

A high look warns, a second one is critical: one alone may be an accident, or the hour of the day.
"""


@dataclass(frozen=True, slots=True)
class LayerLimits:
    """The published limits, and the run length that may raise them.

    high, low:       |z| from which a layer is critical, and below which it has recovered
    slope:           of z, a look, that warns
    window:          looks that the slope is over
    smallest_effect: shift of the mean, baseline sds of a row, below which nothing alarms, and
                     below half of which a layer has recovered however many rows say otherwise
    run_length:      looks at an unchanged stream between false criticals, over all layers together
    warning_length:  the same between false warnings, which ask for attention only
    """

    high: float = 3.0
    low: float = 1.5
    slope: float = 0.05
    window: int = 20
    smallest_effect: float = 0.25
    run_length: float = 2_000.0
    warning_length: float = 200.0

    def z_limit(self, layers: int) -> float:
        """|z| that is critical, where so many layers are watched."""
        rate = AlarmBudget(self.run_length, max(layers, 1)).rate
        return max(self.high, normal_limit(rate))

    def slope_limit(self, layers: int, looks: int) -> float:
        """Slope that warns after so many looks; inf where there are too few for one."""
        if looks < _FEWEST_LOOKS:
            return inf
        error = sqrt(12.0 / (looks * (looks**2 - 1.0)))
        rate = AlarmBudget(self.warning_length, max(layers, 1)).rate
        return max(self.slope, normal_limit(rate) * error)


_FEWEST_LOOKS = 5


@dataclass(frozen=True, slots=True)
class LayerMean:
    """A layer's activation level over some rows; sd of a row."""

    rows: float
    mean: float
    sd: float


@dataclass(frozen=True, slots=True)
class LayerFigure:
    """One layer at one look.

    z: in standard errors, signed; shift: in sds of a row; slope: of z, a look, 0 at first
    """

    layer: str
    z: float
    shift: float
    slope: float
    state: LayerState


@dataclass(frozen=True, slots=True)
class LayerReport:
    """What a look says.

    profile:   the drift profile: every layer in the order of the network
    layers:    names of those that are not calm, the strongest first
    diagnosis: from the place of the strongest; None where all are calm
    """

    state: LayerState
    profile: tuple[LayerFigure, ...]
    layers: tuple[str, ...]
    diagnosis: Diagnosis | None


class LayerMonitor:
    """Watches the layers of one network with one adapter.

    baseline: of each layer, in the order of the network; its rows count as a sample's
    """

    def __init__(
        self, baseline: Mapping[str, LayerMean], limits: LayerLimits | None = None
    ) -> None:
        self._baseline = dict(baseline)
        self._limits = limits or LayerLimits()
        self._states = dict.fromkeys(self._baseline, LayerState.CALM)
        window = self._limits.window
        self._z: dict[str, deque[float]] = {name: deque(maxlen=window) for name in self._baseline}

    def update(self, looked: Mapping[str, LayerMean]) -> LayerReport:
        """One look. A layer without rows, or unknown to the baseline, is left as it was."""
        profile = tuple(
            self._figure(name, looked[name], base)
            for name, base in self._baseline.items()
            if name in looked and looked[name].rows > 0 and base.rows > 0 and base.sd > 0.0
        )
        strongest = sorted(profile, key=lambda figure: -abs(figure.z))
        alarmed = tuple(f.layer for f in strongest if f.state is not LayerState.CALM)
        states = list(self._states.values())
        state = max(states, key=list(LayerState).index, default=LayerState.CALM)
        return LayerReport(state, profile, alarmed, self._diagnosis(alarmed))

    def _figure(self, name: str, looked: LayerMean, base: LayerMean) -> LayerFigure:
        shift = (looked.mean - base.mean) / base.sd
        z = shift / sqrt(1.0 / looked.rows + 1.0 / base.rows)
        self._z[name].append(z)
        trend = slope(self._z[name])
        sign = self._sign(z, shift, trend, len(self._z[name]))
        state = self._states[name] = TRANSITIONS.get((self._states[name], sign), self._states[name])
        return LayerFigure(name, z, shift, trend, state)

    def _sign(self, z: float, shift: float, trend: float, looks: int) -> LayerSign:
        limits, layers = self._limits, len(self._baseline)
        if abs(z) > limits.z_limit(layers) and abs(shift) > limits.smallest_effect:
            return LayerSign.HIGH
        if trend * np.sign(z) > limits.slope_limit(layers, looks):
            return LayerSign.RISING
        is_low = abs(z) < limits.low or abs(shift) < 0.5 * limits.smallest_effect
        return LayerSign.LOW if is_low else LayerSign.BETWEEN

    def _diagnosis(self, alarmed: Sequence[str]) -> Diagnosis | None:
        names = list(self._baseline)
        return diagnosis(names.index(alarmed[0]), len(names)) if alarmed else None


def slope(figures: Sequence[float]) -> float:
    """Least-squares slope of figures a look; 0 below two.

    >>> round(slope([1.0, 1.5, 2.0]), 2)
    0.5
    """
    if len(figures) < 2:
        return 0.0
    time = np.arange(len(figures)) - 0.5 * (len(figures) - 1)
    return float(time @ np.asarray(figures) / (time @ time))


def diagnosis(place: int, layers: int) -> Diagnosis:
    """What the strongest layer's place says, by the source: a third of the network each.

    place: from 0, the input side. A hint, no proof: a shift of the inputs reaches every layer.

    >>> [diagnosis(place, 3) for place in range(3)]
    ['sensor_failure', 'spurious_correlation', 'geometric_collapse']
    """
    depth = (place + 0.5) / layers
    if depth < 1.0 / 3.0:
        return "sensor_failure"
    return "spurious_correlation" if depth < 2.0 / 3.0 else "geometric_collapse"
