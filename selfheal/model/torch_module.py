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
        module, _, factory = self.entry_point.partition(":")
        if not (all(map(str.isidentifier, module.split("."))) and factory.isidentifier()):
            raise NetworkError(
                f"network: entry point {self.entry_point[:100]!r}, expected package.module:factory"
            )
