"""A heal without labels: align the rows since the change, and prove it on rows it never saw."""

from dataclasses import replace

import numpy as np

from healer.alignment import AffineMap, Alignment, Floats, Logits, explain, fit_alignment
from healer.collapse import collapse
from healer.evidence import Rows
from healer.policy import GateFigures, Proposal, Serving
from healer.policy_settings import HealingSettings
from healer.regime import Regime
from selfheal.drift.change_window import change_window
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model

HELD_OUT = 3
"""Every third row judges, the others fit."""

WORTH = 6.0
"""How much less a candidate must leave unexplained than what serves, squared standard errors."""

CERTAIN_ROWS = 500
"""Fewer rows may just not tell yet; from here on, a lost signal asks for labels."""

REFIT = 2
"""A map is fitted again when its regime has so many times the rows of the last fit."""

MISFIT = 3.0
"""Distance, in standard errors, that a candidate may leave on the judging rows."""


def label_free_heal(
    model: Model, served: Serving, regime: Regime | None, rows: Rows, settings: HealingSettings
) -> Proposal:
    """Align the newest rows that look alike, without a label.

    rows: the newest rows in event order. The candidate must fit rows that it never saw, and fit
    them better than what serves; where the signal is lost the proposal says that labels are needed.
    """
    numeric = model.schema.numeric
    length = change_window(rows.values[:, numeric])
    rows = rows.part(slice(len(rows) - length, None))
    if length < settings.minimum_rows:
        return _held("too_few_rows", rows)
    judging = np.arange(length) % HELD_OUT == 0
    logits = backbone_logits(model)
    found = fit_alignment(rows.values[~judging], model, logits)
    aligned = found.map.apply(rows.values, numeric)
    lost = collapse(found, aligned[:, numeric], logits(aligned), model)
    if lost is not None:
        return _held(lost, rows, needs_labels=lost if length >= CERTAIN_ROWS else None)
    judged = rows.values[judging]
    reason = _objection(found, model, served, regime, judged, length)
    return _held(reason, rows) if reason else _promoted(found, model, served, rows, judged)


def backbone_logits(model: Model) -> Logits:
    """The frozen backbone as a function from raw values (n, f) to logits (n,)."""
    compiled = compile_model(model, None)
    return lambda values: compiled.score(values).logit.astype(np.float64)


def served_map(served: Serving, features: int) -> AffineMap:
    """The alignment that serves; the identity where none does."""
    alignment = served.adapter.alignment if served.adapter else None
    if alignment is None:
        return AffineMap.identity(features)
    return AffineMap(alignment.scale, alignment.shift)


def _objection(
    found: Alignment,
    model: Model,
    served: Serving,
    regime: Regime | None,
    judging: Floats,
    rows: int,
) -> str | None:
    """Why the gate refuses, judged on rows that the candidate never saw; None to promote.

    rows: of the window. A map of so many more rows than the one that serves is the more exact one,
    and has to be better by no more than it is.
    """
    logits = backbone_logits(model)
    candidate = explain(judging, model, logits, found.map, found.prior)
    serving = served_map(served, len(model.schema.numeric))
    prior = regime.prior if regime else model.reference.prior
    current = explain(judging, model, logits, serving, prior)
    if candidate.worst > MISFIT:
        return "misfit"
    worth = 0.0 if regime is not None and rows >= REFIT * regime.rows else WORTH
    return "no_better" if current.cost - candidate.cost <= worth else None


def _promoted(
    found: Alignment, model: Model, served: Serving, rows: Rows, judged: Floats
) -> Proposal:
    first_ms = int(rows.event_ms[0])
    regime = Regime(found.prior, len(rows), first_ms)
    adapter = _with_correction(found.adapter(model.reference.prior), served)
    gate = GateFigures(
        "promote",
        "fits_unseen_rows",
        rows=len(judged),
        changed_share=changed_share(model, served, adapter, judged),
    )
    return Proposal(
        adapter=adapter,
        gate=gate,
        rows=len(rows),
        labelled_rows=0,
        first_event_ms=first_ms,
        last_event_ms=int(rows.event_ms[-1]),
        regime=regime.stored(),
    )


def _with_correction(aligned: Adapter, served: Serving) -> Adapter:
    """What was learned from labels holds behind the new alignment too; it includes the prior."""
    learned = served.adapter
    if learned is None or learned.output is None or learned.output.skip is None:
        return aligned
    return replace(learned, alignment=aligned.alignment)


def changed_share(model: Model, served: Serving, adapter: Adapter, values: Floats) -> float:
    """Share of rows whose decision the candidate would change; nan for no rows."""
    before = compile_model(model, served.adapter).score(values).score >= served.threshold
    after = compile_model(model, adapter).score(values).score >= served.threshold
    return int(np.count_nonzero(before != after)) / len(values) if len(values) else float("nan")


def _held(reason: str, rows: Rows, needs_labels: str | None = None) -> Proposal:
    return Proposal(
        adapter=None,
        gate=GateFigures("hold", reason, rows=len(rows)),
        rows=len(rows),
        labelled_rows=0,
        needs_labels=needs_labels,
    )
