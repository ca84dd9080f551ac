"""A heal without labels: align the rows since the change, and prove it on rows it never saw.

Two ways to do it, chosen by what the training rows are like: by likelihood where they are normal
within each class, which takes few rows and judges the features together, and by ranks elsewhere.
"""

from dataclasses import replace

import numpy as np

from healer.alignment import AffineMap, Logits
from healer.anchored_alignment import Maps
from healer.anchored_gate import judged_by_likelihood
from healer.anchors import Anchors, anchors_of
from healer.class_gate import judged_by_classes
from healer.density_output import densities_tell_more, output_of
from healer.evidence import Floats, Rows
from healer.judgement import Judgement
from healer.policy import GateFigures, Proposal, Serving
from healer.policy_settings import HealingSettings
from healer.ranked_gate import WORTH, judged_by_ranks
from healer.regime import Regime, own_quantiles
from selfheal.drift.change_window import change_window
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.model import Model

CERTAIN_ROWS = 500
"""Fewer rows may just not tell yet; from here on, a lost signal asks for labels."""

REFIT = 2
"""A map is fitted again when its regime has so many times the rows of the last fit."""


def label_free_heal(
    model: Model, served: Serving, regime: Regime | None, rows: Rows, settings: HealingSettings
) -> Proposal:
    """Align the newest rows that look alike, without a label.

    rows: the newest rows in event order. The candidate must fit rows that it never saw, and fit
    them better than what serves; where the signal is lost the proposal says that labels are needed.
    """
    anchors = anchors_of(model)
    length = change_window(rows.values[:, model.schema.numeric])
    rows = rows.part(slice(len(rows) - length, None))
    if length < fewest_rows(anchors, settings):
        return _held("too_few_rows", rows)
    judgement = _judged(model, anchors, served, regime, rows.values)
    if judgement.adapter is None:
        needs = judgement.is_lost and length >= CERTAIN_ROWS
        return _held(judgement.reason, rows, judgement.reason if needs else None)
    return _promoted(judgement, judgement.adapter, model, served, rows)


def fewest_rows(anchors: Anchors | None, settings: HealingSettings) -> int:
    """That an alignment is fitted to: by likelihood half as many as by ranks."""
    return settings.minimum_rows if anchors is None else settings.minimum_rows // 2


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


def _judged(
    model: Model, anchors: Anchors | None, served: Serving, regime: Regime | None, values: Floats
) -> Judgement:
    """By likelihood where the anchors can have made the rows, else by ranks.

    A map of twice the rows of the one that serves is the more exact one: it has to be no worse.
    """
    numeric = model.schema.numeric
    serving = served_map(served, len(numeric))
    prior = regime.prior if regime else model.reference.prior
    is_refit = regime is not None and len(values) >= REFIT * regime.rows
    if anchors is not None:
        if (apart := judged_by_classes(values, model, anchors)) is not None:
            return apart
        maps = Maps(serving.scale, serving.shift)
        known = regime.rows if regime is not None and is_refit else 0
        found = judged_by_likelihood(values[:, numeric], anchors, maps, prior, known)
        if found is not None:
            return _by_densities(found, anchors, model)
    worth = 0.0 if is_refit else WORTH
    return judged_by_ranks(values, model, backbone_logits(model), serving, prior, worth)


def _by_densities(found: Judgement, anchors: Anchors, model: Model) -> Judgement:
    """Behind the map rows are what the anchors make: decided by these, where they tell more."""
    if found.adapter is None or not densities_tell_more(anchors, model):
        return found
    output = output_of(replace(anchors, prior=found.prior), model)
    return replace(found, adapter=replace(found.adapter, output=output))


def _promoted(
    judgement: Judgement, aligned: Adapter, model: Model, served: Serving, rows: Rows
) -> Proposal:
    before = Regime.read(served.regime)
    is_kept = not judgement.is_apart and before is not None and _is_of_any_alignment(before)
    adapter = _with_correction(aligned, served) if is_kept else aligned
    own = own_quantiles(rows.values[:, model.schema.numeric]) if judgement.is_apart else None
    shares = before.shares if is_kept and before else None  # no map of numbers changes these
    onset_ms = int(rows.event_ms[0])
    regime = Regime(judgement.prior, len(rows), onset_ms, own, is_kept, shares)
    gate = GateFigures(
        "promote",
        judgement.reason,
        rows=judgement.rows,
        changed_share=changed_share(model, served, adapter, rows.values),
    )
    return Proposal(
        adapter=adapter,
        gate=gate,
        rows=len(rows),
        labelled_rows=0,
        first_event_ms=regime.onset_ms,
        last_event_ms=int(rows.event_ms[-1]),
        regime=regime.stored(),
    )


def _is_of_any_alignment(regime: Regime) -> bool:
    """Labels taught what is known of the aligned rows, and so it holds behind other alignments."""
    return regime.is_taught and regime.quantiles is None


def _with_correction(aligned: Adapter, served: Serving) -> Adapter:
    """What was learned from labels, behind the new alignment; it includes the prior."""
    learned = served.adapter
    if learned is None or learned.output is None or learned.output.skip is None:
        return aligned
    return replace(learned, alignment=aligned.alignment)


def changed_share(
    model: Model,
    served: Serving,
    adapter: Adapter,
    values: Floats,
    threshold: float | None = None,
) -> float:
    """Share of rows whose decision the candidate would change; nan for no rows.

    threshold: of the candidate; None for that of what serves
    """
    decides_at = served.threshold if threshold is None else threshold
    before = compile_model(model, served.adapter).score(values).score >= served.threshold
    after = compile_model(model, adapter).score(values).score >= decides_at
    return int(np.count_nonzero(before != after)) / len(values) if len(values) else float("nan")


def _held(reason: str, rows: Rows, needs_labels: str | None = None) -> Proposal:
    return Proposal(
        adapter=None,
        gate=GateFigures("hold", reason, rows=len(rows)),
        rows=len(rows),
        labelled_rows=0,
        needs_labels=needs_labels,
    )
