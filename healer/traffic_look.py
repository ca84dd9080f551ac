"""What all traffic says at one look, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass

from selfheal.drift.layers import LayerReport
from selfheal.drift.summary_drift import SummaryDrift
from selfheal.records.event_fields import DriftKind


@dataclass(frozen=True, slots=True, eq=False)
class TrafficLook:
    """What all traffic of the serving version says.

    newest, window: drift over the last look, and over the newest looks, twenty at most
    excess:         by feature, the larger of both over its limit
    alarmed:        features above their limit in enough looks, and not calm since; worst first
    weighted_psi:   PSI over the window, weighted by each feature's importance to the score
    kind:           of the drift over the window; None where there is none
    layers:         of the newest look
    """

    epoch: int
    version: str
    newest: SummaryDrift
    window: SummaryDrift
    excess: Mapping[str, float]
    alarmed: tuple[str, ...]
    weighted_psi: float
    kind: DriftKind | None
    layers: LayerReport
