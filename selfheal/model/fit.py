"""Does an adapter fit a model? Checked once, before anything is compiled or trained."""

from collections.abc import Mapping

from selfheal.model.adapter import Adapter
from selfheal.model.errors import AdapterError
from selfheal.model.features import Encoder


def require_fit(
    adapter: Adapter, encoder: Encoder, layers: Mapping[str, int], head: int | None
) -> None:
    """Raises AdapterError for a part that names an unknown layer or has another shape.

    layers: units of each layer that latents may follow, by name
    head:   inputs of the head; None where the network names none
    """
    if adapter.alignment is not None:
        _require("alignment", len(adapter.alignment.scale), len(encoder.schema.numeric))
    for layer, latent in adapter.latents.items():
        if layer not in layers:
            raise AdapterError(f"adapter: no layer {layer!r}, expected one of {sorted(layers)}")
        _require(f"latent after {layer}", latent.width, layers[layer])
    if adapter.head is not None:
        _require("head", len(adapter.head.weight), head)
    if adapter.output is not None and adapter.output.skip is not None:
        _require("output.skip", len(adapter.output.skip), encoder.width)
    if adapter.trees is not None and adapter.trees.columns > encoder.width + 1:
        raise AdapterError(
            f"adapter: trees read {adapter.trees.columns} columns, the model has "
            f"{encoder.width} and the logit"
        )


def _require(part: str, found: int, expected: int | None) -> None:
    if expected is None:
        raise AdapterError(f"adapter: {part} has nothing to act on: the model names no head layer")
    if found != expected:
        raise AdapterError(f"adapter: {part} is {found} wide, the model needs {expected}")
