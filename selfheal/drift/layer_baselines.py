"""A layer monitor for each adapter version: what is calm under one is drift under another.

A heal changes what the layers do, so that a monitor calibrated on the backbone alone alarms on its
own cure. Each version is calibrated on its own first rows; what it was calibrated on cannot be
called drift, so these rows must have been judged by something else: the gate that published it.
"""

from collections.abc import Mapping

import numpy as np

from selfheal.drift.layers import LayerLimits, LayerMean, LayerMonitor, LayerReport, LayerState
from selfheal.drift.moments import ColumnMoments
from selfheal.records.adapters import BASE_VERSION

CALIBRATION_ROWS = 1_000
"""Rows of a version, of those whose layers are looked at, that calibrate its monitor."""

_CALIBRATING = LayerReport(LayerState.CALM, (), (), None)


class VersionedLayers:
    """The layer monitors of all versions that have served, each with its own baseline.

    clean: of the backbone alone, in the order of the network, from the model's reference
    """

    def __init__(self, clean: Mapping[str, LayerMean], limits: LayerLimits | None = None) -> None:
        self._names, self._limits = tuple(clean), limits
        self._monitors = {BASE_VERSION: LayerMonitor(clean, limits)}
        self._calibrating: dict[str, ColumnMoments] = {}

    def update(self, version: str, looked: ColumnMoments) -> LayerReport:
        """One look at the rows of one version; calm, with an empty profile, while it calibrates.

        looked: moments of the layers' activation levels, columns in the order of the network
        """
        monitor = self._monitors.get(version)
        if monitor is not None:
            return monitor.update(layer_means(self._names, looked))
        known = self._calibrating.get(version, ColumnMoments.empty(len(self._names)))
        merged = known.merged(looked)
        self._calibrating[version] = merged
        if len(self._names) and merged.count.min() >= CALIBRATION_ROWS:
            baseline = layer_means(self._names, self._calibrating.pop(version))
            self._monitors[version] = LayerMonitor(baseline, self._limits)
        return _CALIBRATING


def layer_means(names: tuple[str, ...], looked: ColumnMoments) -> dict[str, LayerMean]:
    """The moments of each layer under its name; those without rows are left out."""
    sd = np.nan_to_num(looked.sd, nan=0.0)
    return {
        name: LayerMean(float(looked.count[i]), float(looked.mean[i]), float(sd[i]))
        for i, name in enumerate(names)
        if looked.count[i] > 0
    }
