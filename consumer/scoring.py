"""The scoring core: a batch of transactions in, predictions and feedback out. No I/O."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import compress, repeat
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from consumer.decoding import Floats, Transactions
from consumer.live import Live
from consumer.sampling import Sampler
from selfheal.model.rules import Rule
from selfheal.records.feedback import Conflict, Sample
from selfheal.records.predictions import Prediction

Flags: TypeAlias = NDArray[np.bool_]

# A `Prediction` for the hot path, same fields and same bytes: making a frozen dataclass takes five
# times as long as encoding it, a struct that the garbage collector does not track takes a tenth.
_Row: Callable[..., msgspec.Struct] = msgspec.defstruct(
    "Prediction", [(field.name, field.type) for field in fields(Prediction)], gc=False
)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """One batch, scored.

    score, shadow_score: (n,) float64 P(fraud) with the active adapter and without any
    logit:               (n,) float64, of `score`
    aligned:             (n, f) float64 features as the network saw them, before encoding
    decision, conflict:  (n,) bool
    rules:               (n,) names of the rules that fired
    """

    transactions: Transactions
    score: Floats
    shadow_score: Floats
    logit: Floats
    aligned: Floats
    decision: Flags
    conflict: Flags
    rules: list[tuple[str, ...]]


def score(transactions: Transactions, live: Live, conflict_min: float) -> Scored:
    """Base, active adapter, rules and conflicts of a batch in one pass.

    A conflict is a row that a fraud rule flags and whose score is below `conflict_min`.
    """
    scores = live.compiled.score(transactions.values)
    probability = scores.score
    fired = fire(live.model.rules, transactions.values, scores.aligned)
    flagged = np.zeros(len(transactions), dtype=np.bool_)
    for rule, flags in zip(live.model.rules, fired, strict=True):
        if rule.verdict == "fraud":
            flagged |= flags
    return Scored(
        transactions=transactions,
        score=probability,
        shadow_score=scores.shadow_score,
        logit=scores.logit.astype(np.float64),
        aligned=scores.aligned,
        decision=probability >= live.threshold,
        conflict=flagged & (probability < conflict_min),
        rules=_names(live.model.rules, fired, len(transactions)),
    )


def fire(rules: Sequence[Rule], raw: Floats, aligned: Floats) -> list[Flags]:
    """For each rule its (n,) flags, evaluated on raw or aligned features as the rule says."""
    return [rule.fires(aligned if rule.on == "aligned" else raw) for rule in rules]


def predictions(scored: Scored, live: Live, now_ms: int) -> list[bytes]:
    """The encoded `Prediction` of every row, in order."""
    rows = map(  # in the order of the record's fields
        _Row,
        scored.transactions.ids,
        scored.transactions.event_ms.tolist(),
        repeat(now_ms),
        scored.score.tolist(),
        scored.decision.astype(np.int64).tolist(),
        repeat(live.version),
        repeat(live.epoch),
        scored.shadow_score.tolist(),
        scored.rules,
        scored.conflict.tolist(),
    )
    return list(map(_encode, rows))


def feedback(
    scored: Scored, live: Live, samples: Sampler, conflicts: Sampler, now_ms: int
) -> list[Conflict | Sample]:
    """A conflict record for each conflict drawn, then a sample record for each row drawn.

    Each kind has a share of its own: conflicts are rare on a clean stream and many after a drift.
    """
    ids = scored.transactions.ids
    records: list[Conflict | Sample] = []
    in_conflict: list[int] = np.flatnonzero(scored.conflict).tolist()
    drawn = conflicts.draw([ids[row] for row in in_conflict])
    for row in compress(in_conflict, drawn):
        facts = _facts(scored, row, live, conflicts.share, now_ms)
        records.append(Conflict(**facts, rules=scored.rules[row]))
    for row in np.flatnonzero(samples.draw(ids)).tolist():
        records.append(Sample(**_facts(scored, row, live, samples.share, now_ms)))
    return records


def _facts(scored: Scored, row: int, live: Live, share: float, now_ms: int) -> dict[str, Any]:
    """What samples and conflicts tell alike of a row."""
    return {
        "id": scored.transactions.ids[row],
        "event_ms": int(scored.transactions.event_ms[row]),
        "scored_ms": now_ms,
        "features": live.model.schema.features_of(scored.transactions.values[row]),
        "score": float(scored.score[row]),
        "shadow_score": float(scored.shadow_score[row]),
        "version": live.version,
        "epoch": live.epoch,
        "inclusion_probability": share,
    }


def _names(rules: Sequence[Rule], fired: list[Flags], rows: int) -> list[tuple[str, ...]]:
    names: list[tuple[str, ...]] = [()] * rows
    for rule, flags in zip(rules, fired, strict=True):
        for row in np.flatnonzero(flags).tolist():
            names[row] = (*names[row], rule.name)
    return names
