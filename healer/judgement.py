"""What a gate says of a label-free candidate."""

from dataclasses import dataclass

from selfheal.model.adapter import Adapter


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """A candidate, or why there is none.

    adapter: parts that align the rows; None where the gate refuses
    prior:   share of frauds that goes with them
    reason:  of the verdict, a word for events
    is_lost: what separates the classes is gone, so that no map can help
    rows:    that judged
    is_apart: no alignment leads the rows back to the training rows
    """

    adapter: Adapter | None
    prior: float
    reason: str
    is_lost: bool = False
    rows: int = 0
    is_apart: bool = False


def refused(reason: str, *, is_lost: bool = False, rows: int = 0) -> Judgement:
    """No candidate, and why."""
    return Judgement(None, float("nan"), reason, is_lost, rows)
