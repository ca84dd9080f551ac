"""Drift over all traffic, as metrics."""

import math

from healer.traffic_look import TrafficLook
from selfheal.telemetry import metrics
from selfheal.telemetry.meters import Meters


def show_traffic(meters: Meters, look: TrafficLook) -> None:
    """Set the gauges of drift by feature, of the score and of the layers."""
    meters.set(metrics.TRAFFIC_ROWS, look.window.rows)
    meters.set(metrics.WEIGHTED_PSI, look.weighted_psi)
    if not math.isnan(look.window.score.psi):
        meters.set(metrics.SCORE_PSI, look.window.score.psi)
    for feature in look.window.features:
        meters.set(metrics.FEATURE_DRIFT, look.excess[feature.feature], feature=feature.feature)
        if not math.isnan(feature.psi):
            meters.set(metrics.FEATURE_PSI, feature.psi, feature=feature.feature)
    meters.set_only(metrics.LAYER_STATE, state=look.layers.state.value)
    for figure in look.layers.profile:
        meters.set(metrics.LAYER_Z, figure.z, layer=figure.layer)
