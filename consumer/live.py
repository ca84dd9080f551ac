"""What serves right now: one immutable value, replaced as a whole between batches."""

from dataclasses import dataclass, replace

from registry.feed import Swap
from selfheal.model.compiled import Compiled, compile_model
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION


@dataclass(frozen=True, slots=True)
class Live:
    """The compiled model, and what every prediction says of it.

    compiled:  base and active adapter in one immutable form
    version:   of the active adapter, "base" for none
    epoch:     of the pointer in force, 0 before the first
    threshold: score from which the decision is fraud
    """

    model: Model
    compiled: Compiled
    version: str
    epoch: int
    threshold: float


def base(model: Model) -> Live:
    """The backbone alone, as it serves before any pointer is known."""
    return Live(model, compile_model(model, None), BASE_VERSION, 0, model.threshold)


def swapped(live: Live, swap: Swap) -> Live:
    """The model that serves after a swap; built aside, so that scoring never waits for it."""
    return replace(
        live,
        compiled=compile_model(live.model, swap.adapter),
        version=swap.pointer.version,
        epoch=swap.pointer.epoch,
        threshold=swap.pointer.threshold,
    )
