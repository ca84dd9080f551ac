"""A user's own torch module as the backbone: where it comes from and where adapters attach."""

from collections.abc import Mapping
from dataclasses import dataclass

from selfheal.model.errors import NetworkError


@dataclass(frozen=True, slots=True)
class TorchModule:
    """A module that maps float32 (batch, d) to one logit, (batch,) or (batch, 1).

    entry_point: "package.module:factory"; factory() gives the module, its weights are replaced
    layers:      units of each layer that latents may follow, by the module's name for it
    head:        name of the Linear that gives the logit, for head deltas; None for none
    head_width:  its inputs; None without a head

    Whoever writes the entry point decides which code runs: take model folders from people whose
    code you would run.
    """

    entry_point: str
    layers: Mapping[str, int]
    head: str | None = None
    head_width: int | None = None

    def __post_init__(self) -> None:
        split_entry_point(self.entry_point)


def split_entry_point(entry_point: str) -> tuple[str, str]:
    """(module, factory) of "package.module:factory". Raises NetworkError for other text."""
    module, _, factory = entry_point.partition(":")
    if all(map(str.isidentifier, module.split("."))) and factory.isidentifier():
        return module, factory
    found = entry_point[:100]
    raise NetworkError(f"network: entry point {found!r}, expected package.module:factory")
