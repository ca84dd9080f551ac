"""Scored traffic as scorers sum it up, and references of their own for the tests of drift."""

from dataclasses import replace

import numpy as np

from consumer.decoding import Transactions
from consumer.live import Live
from consumer.scoring import score
from consumer.summaries import SummaryBuilder, Traffic
from selfheal.drift.totals import Totals, no_totals, totals_of
from selfheal.model.model import Model
from selfheal.model.reference import Reference
from selfheal.records.feedback import Summary
from tests.consumer.serving import raw_values


def transactions_of(values: np.ndarray, first_ms: int = 1_000) -> Transactions:
    """One a millisecond."""
    rows = np.arange(len(values))
    return Transactions(rows, [f"t{row}" for row in rows], first_ms + rows, values)


def summary_of(live: Live, *batches: np.ndarray, instance: str = "scorer-1") -> Summary:
    """What a scorer tells of raw values (n, f), batch by batch."""
    builder = SummaryBuilder(instance, live)
    for values in batches:
        builder.add(score(transactions_of(values), live, conflict_min=0.3))
    return builder.build(Traffic(0.0, 0))


def totals_from(live: Live, *batches: np.ndarray) -> Totals:
    """Each batch by a scorer of its own."""
    totals = no_totals(live.model)
    for values in batches:
        totals = totals.merged(totals_of(summary_of(live, values), live.model))
    return totals


def with_reference(live: Live, rows: int, rng: np.random.Generator) -> Live:
    """The same network, calibrated on other rows of the same stream."""
    model = live.model
    values, labels = raw_values(rows, rng)
    logits = live.compiled.score(values).base_logit
    known: Model = replace(model, reference=Reference.measure(model.schema, values, labels, logits))
    return replace(live, model=known)
