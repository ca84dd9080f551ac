"""The `predictions` topic: one record for each valid transaction."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the scorer said of one transaction, and which weights said it.

    id:           the transaction's id
    event_ms:     when the transaction happened, Unix milliseconds
    scored_ms:    when it was scored, Unix milliseconds
    score:        P(fraud) from the active adapter, in [0, 1]
    decision:     1 where the score reaches the active threshold
    version:      adapter version, "base" for none; the score can be recomputed from it
    epoch:        of the pointer in force (0 before the first)
    shadow_score: P(fraud) from the backbone alone, in [0, 1]
    rules:        names of the symbolic rules that fired
    conflict:     a rule called it fraud and the active score was below `conflict_min`
    """

    id: str
    event_ms: int
    scored_ms: int
    score: float
    decision: int
    version: str
    epoch: int
    shadow_score: float
    rules: tuple[str, ...] = ()
    conflict: bool = False
