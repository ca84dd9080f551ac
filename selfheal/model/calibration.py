"""From a network and labelled rows to a model: its reference and its metrics are measured."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from selfheal.model.arrays import AnyArray, Flags, Float64
from selfheal.model.features import Encoder
from selfheal.model.metrics import measure
from selfheal.model.model import Model
from selfheal.model.reference import Reference
from selfheal.model.rules import default_rules
from selfheal.model.scores import Scores
from selfheal.model.torch_module import TorchModule


class Scorer(Protocol):
    """What scores rows, before there is a whole model to compile."""

    def score(self, values: Float64) -> Scores:
        """Scores of raw values (n, f)."""
        ...

    def layers(self, values: Float64) -> dict[str, AnyArray]:
        """Activations (n, ...) after each named layer."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class LabelledRows:
    """All rows at hand: raw values (n, f), the truth (n,), and which training did not see (n,)."""

    values: Float64
    is_fraud: Flags
    is_held_out: Flags


def calibrated_model(
    encoder: Encoder,
    backbone: Mapping[str, AnyArray],
    scorer: Scorer,
    rows: LabelledRows,
    *,
    torch_module: TorchModule | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Model:
    """The model of a trained network; `facts` are more for its metrics.json.

    The reference reads features from all rows, for the more rows the finer the tests against it,
    but logits and layers from held-out rows: on its own training rows a network is surer than on
    any others (the logits of 730 trained frauds lie 0.09 in K-S distance from fresh ones), and
    clean traffic would look drifted. With none held out it reads all.
    """
    scores = scorer.score(rows.values)
    is_fresh = rows.is_held_out if rows.is_held_out.any() else ~rows.is_held_out
    levels = {name: activation_level(h) for name, h in scorer.layers(rows.values).items()}
    reference = Reference.measure(
        encoder.schema,
        rows.values,
        rows.is_fraud,
        np.where(is_fresh, scores.base_logit, np.nan),
        {name: np.where(is_fresh, level, np.nan) for name, level in levels.items()},
    )
    parts = {"training": ~rows.is_held_out, "held_out": rows.is_held_out}
    measured = {
        name: asdict(measure(rows.is_fraud[part], scores.shadow_score[part]))
        for name, part in parts.items()
        if part.any()
    }
    return Model(
        schema=encoder.schema,
        encoder=encoder,
        backbone=backbone,
        reference=reference,
        rules_toml=default_rules(encoder.schema),
        torch_module=torch_module,
        metrics={**measured, **(facts or {})},
    )


def activation_level(hidden: AnyArray) -> Float64:
    """One number a row for how active a layer is: the root mean square of its units, (n,)."""
    flat = hidden.reshape(len(hidden), -1).astype(np.float64)
    return np.sqrt((flat**2).mean(axis=1))
