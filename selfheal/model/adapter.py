"""An adapter: named parts that change what a frozen backbone says, and their arrays."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from selfheal.model.adapter_parts import HeadDelta, InputAlignment, Output
from selfheal.model.arrays import AnyArray, Float64, Int64
from selfheal.model.errors import AdapterError
from selfheal.model.latents import Bottleneck, Latent, Reflexive
from selfheal.model.part_arrays import arrays_of, part_from
from selfheal.model.trees import Trees

__all__ = [
    "Adapter",
    "Bottleneck",
    "HeadDelta",
    "InputAlignment",
    "Latent",
    "Output",
    "Part",
    "Reflexive",
    "Trees",
]

Part: TypeAlias = InputAlignment | Latent | HeadDelta | Output | Trees

MAX_ELEMENTS = 4_000_000
MAX_LATENTS = 64
_LATENT_KINDS: dict[str, type[Latent]] = {"reflexive": Reflexive, "bottleneck": Bottleneck}
_LAYER = re.compile(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*")
_MAX_NAME = 200


@dataclass(frozen=True, slots=True, eq=False)
class Adapter:
    """Parts that are the identity where they are None; without any, the model is its backbone.

    latents: by the name of the layer that they follow; not to be changed after construction
    Raises AdapterError for more than MAX_LATENTS latents or for an impossible layer name.
    """

    alignment: InputAlignment | None = None
    latents: Mapping[str, Latent] = field(default_factory=dict[str, Latent])
    head: HeadDelta | None = None
    output: Output | None = None
    trees: Trees | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "latents", dict(self.latents))
        if len(self.latents) > MAX_LATENTS:
            raise AdapterError(f"adapter: {len(self.latents)} latents, expected <= {MAX_LATENTS}")
        for layer in self.latents:
            if len(layer) > _MAX_NAME or not _LAYER.fullmatch(layer):
                raise AdapterError("adapter: layer name is not a dotted name, expected a.b.c")

    @property
    def is_identity(self) -> bool:
        """True when no model can change by it.

        Conservative: a Reflexive takes the place of a trained layer in some networks, and no
        adapter alone can know; `Compiled.is_identity` knows.
        """
        parts = (self.alignment, self.head, self.output, self.trees)
        return all(part is None or part.is_identity for part in parts) and all(
            isinstance(latent, Bottleneck) and latent.is_silent for latent in self.latents.values()
        )

    def align(self, values: Float64, numeric: Int64) -> Float64:
        """Raw values (n, f) with the columns at positions `numeric` aligned.

        The very same array when there is nothing to align.
        """
        if self.alignment is None or self.alignment.is_identity:
            return values
        return self.alignment.apply(values, numeric)

    def to_arrays(self) -> dict[str, AnyArray]:
        """All parts as arrays: "alignment.scale", "latent.<layer>.reflexive.w1", "output.skip".

        Scalars are float64 of shape ().
        """
        return {
            f"{prefix}.{name}": array
            for prefix, part in self._parts().items()
            for name, array in arrays_of(part).items()
        }

    @staticmethod
    def from_arrays(arrays: Mapping[str, AnyArray]) -> "Adapter":
        """The inverse of `to_arrays`.

        Raises AdapterError for an unknown, missing or doubled name, a wrong shape or dtype, a
        number that is not finite, and more than MAX_ELEMENTS numbers.
        """
        elements = sum(array.size for array in arrays.values())
        if elements > MAX_ELEMENTS:
            raise AdapterError(f"adapter: {elements} numbers, expected at most {MAX_ELEMENTS}")
        groups = _grouped(arrays)
        latents: dict[str, Latent] = {}
        for prefix in [name for name in groups if name.startswith("latent.")]:
            layer, kind = prefix.removeprefix("latent.").rsplit(".", 1)
            if layer in latents:
                raise AdapterError(f"adapter: two latents after {layer!r}, expected one")
            latents[layer] = part_from(_LATENT_KINDS[kind], prefix, groups.pop(prefix))
        parts = {name: part_from(_SINGLE[name], name, group) for name, group in groups.items()}
        return Adapter(latents=latents, **parts)

    def _parts(self) -> dict[str, Part]:
        kinds = {kind: name for name, kind in _LATENT_KINDS.items()}
        named: dict[str, Part | None] = {
            "alignment": self.alignment,
            "head": self.head,
            "output": self.output,
            "trees": self.trees,
        }
        for layer, latent in self.latents.items():
            named[f"latent.{layer}.{kinds[type(latent)]}"] = latent
        return {name: part for name, part in named.items() if part is not None}


_SINGLE: dict[str, type[Any]] = {
    "alignment": InputAlignment,
    "head": HeadDelta,
    "output": Output,
    "trees": Trees,
}


def _grouped(arrays: Mapping[str, AnyArray]) -> dict[str, dict[str, AnyArray]]:
    """Arrays by part, each under its own name."""
    groups: dict[str, dict[str, AnyArray]] = {}
    for name, array in arrays.items():
        prefix, _, own_name = name.rpartition(".")
        kind = prefix.rpartition(".")[2]
        is_latent = prefix.startswith("latent.") and prefix.count(".") > 1
        if prefix not in _SINGLE and not (is_latent and kind in _LATENT_KINDS):
            raise AdapterError(
                f"adapter: unknown array {name[:_MAX_NAME]!r}, expected a part's name"
            )
        groups.setdefault(prefix, {})[own_name] = array
    return groups
