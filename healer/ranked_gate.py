"""Judging an alignment by ranks: two thirds of the rows fit, the others judge."""

import numpy as np

from healer.alignment import AffineMap, Alignment, Floats, Logits, explain, fit_alignment
from healer.collapse import collapse
from healer.judgement import Judgement, refused
from selfheal.model.model import Model

HELD_OUT = 3
"""Every third row judges, the others fit."""

WORTH = 6.0
"""How much less a candidate must leave unexplained than what serves, squared standard errors."""

MISFIT = 3.0
"""Distance, in standard errors, that a candidate may leave on the judging rows."""


def judged_by_ranks(
    values: Floats,
    model: Model,
    logits: Logits,
    served: AffineMap,
    served_prior: float,
    worth: float = WORTH,
) -> Judgement:
    """What ranks say of raw values (n, f), n >= HELD_OUT.

    served, served_prior: what serves now, which the candidate must beat by `worth`
    """
    judging = np.arange(len(values)) % HELD_OUT == 0
    found = fit_alignment(values[~judging], model, logits)
    aligned = found.map.apply(values, model.schema.numeric)
    lost = collapse(found, aligned[:, model.schema.numeric], logits(aligned), model)
    if lost is not None:
        return refused(lost, is_lost=True, rows=len(values))
    judged = values[judging]
    candidate = explain(judged, model, logits, found.map, found.prior)
    current = explain(judged, model, logits, served, served_prior)
    if candidate.worst > MISFIT:
        return refused("misfit", rows=len(judged))
    if current.cost - candidate.cost <= worth:
        return refused("no_better", rows=len(judged))
    return _accepted(found, model, len(judged))


def _accepted(found: Alignment, model: Model, rows: int) -> Judgement:
    adapter = found.adapter(model.reference.prior)
    return Judgement(adapter, found.prior, "fits_unseen_rows", is_lost=False, rows=rows)
