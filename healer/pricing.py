"""At which threshold would a version serve? Its operating point, from recent rows. Pure."""

from dataclasses import dataclass

import numpy as np

from healer.calibration import Calibration, own_calibration
from healer.evidence import Rows
from healer.operating_point import Recent, operating_threshold
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.costs import Costs
from selfheal.model.model import Model

_OPEN = np.diag([0.3, 1.0]) ** 2
"""Covariance of calibration's scale and shift that a drift, or an adapter, adds to the model's."""


@dataclass(frozen=True, slots=True, eq=False)
class Pricing:
    """What a threshold is chosen from.

    rows:     recent ones of one regime
    labelled: of the same regime; whose labels have taught none of the versions that are priced
    """

    costs: Costs
    rows: Rows
    labelled: Rows
    model: Model

    def recent(self, adapter: Adapter | None, belief: Calibration) -> Recent:
        """The rows as the model scores them behind this adapter."""
        compiled = compile_model(self.model, adapter)
        return Recent(
            logit=compiled.score(self.rows.values).logit.astype(np.float64),
            weight=self.rows.weight,
            labelled_logit=compiled.score(self.labelled.values).logit.astype(np.float64),
            label=self.labelled.label,
            calibration=belief,
        )

    def threshold(self, adapter: Adapter | None, belief: Calibration | None = None) -> float:
        """The operating point, in [0, 1]. belief: None for one that a drift has opened"""
        known = open_belief(self.model) if belief is None else belief
        return operating_threshold(self.costs, self.recent(adapter, known))


def open_belief(model: Model) -> Calibration:
    """The model's own calibration, as uncertain as a drift or an adapter leaves it."""
    own = own_calibration(model)
    return Calibration(own.scale, own.shift, own.covariance + _OPEN)
