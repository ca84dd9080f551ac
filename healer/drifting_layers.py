"""Which layers of the network drift, for an alarm to name them."""

import numpy as np

from healer.policy import Evidence
from healer.traffic import clean_layers, maps_inputs_only
from selfheal.drift.layer_baselines import layer_means
from selfheal.drift.layers import LayerMonitor
from selfheal.drift.mixture import Floats
from selfheal.drift.moments import moments
from selfheal.drift.totals import layer_names
from selfheal.model.adapter import Adapter
from selfheal.model.calibration import activation_level
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model

MOST_ROWS = 256
"""Rows that pass through the network once more at an alarm, the newest."""


def drifting_layers(evidence: Evidence, rows: int) -> tuple[str, ...]:
    """Names of the layers that are not calm, the strongest first.

    By all traffic; where that says nothing yet, for summaries come every few seconds, by the newest
    `rows` samples.
    """
    look = evidence.traffic
    if look is not None and look.layers.layers:
        return look.layers.layers
    newest = evidence.window.newest(rows).values
    return sampled_layers(evidence.model, evidence.served.adapter, newest)


def sampled_layers(model: Model, adapter: Adapter | None, rows: Floats) -> tuple[str, ...]:
    """Names of the layers that are away from what they did on clean rows, the strongest first.

    rows: raw values (n, f), the newest last
    None are named where an adapter part in the network gives its layers another baseline.
    """
    if not len(rows) or not maps_inputs_only(adapter):
        return ()
    hidden = compile_model(model, adapter).layers(rows[-MOST_ROWS:])
    names = layer_names(model)
    if not names:
        return ()
    levels = np.column_stack([activation_level(hidden[name]) for name in names])  # (n, layers)
    looked = layer_means(names, moments(levels))
    return LayerMonitor(clean_layers(model)).update(looked).layers
