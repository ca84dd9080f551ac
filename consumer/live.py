"""What serves right now: one immutable value, replaced as a whole between batches."""

from dataclasses import dataclass, replace

from registry.feed import Swap
from selfheal.model.compiled import Compiled, compile_model
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION


@dataclass(frozen=True, slots=True)
class Live:
    """The compiled model, and what every prediction says of it.

    model:     that serves; own: of the scorer's folder, which pointers to it mean
    compiled:  base and active adapter in one immutable form
    version:   of the active adapter, "base" for none
    epoch:     of the pointer in force, 0 before the first
    threshold: score from which the decision is fraud
    """

    model: Model
    own: Model
    compiled: Compiled
    version: str
    epoch: int
    threshold: float


def base(model: Model) -> Live:
    """The backbone alone, as it serves before any pointer is known."""
    return Live(model, model, compile_model(model, None), BASE_VERSION, 0, model.threshold)


def swapped(live: Live, swap: Swap) -> Live:
    """What serves after a swap; built aside, and put into place as a whole."""
    model = swap.model or live.own
    return replace(
        live,
        model=model,
        compiled=compile_model(model, swap.adapter),
        version=swap.pointer.version,
        epoch=swap.pointer.epoch,
        threshold=swap.pointer.threshold,
    )
