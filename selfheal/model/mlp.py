"""The weights of the built-in network as arrays, checked; torch is not needed to read them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from selfheal.model.arrays import AnyArray, Float32, frozen32
from selfheal.model.errors import AdapterError, NetworkError
from selfheal.model.latents import Reflexive
from selfheal.model.part_checks import LARGEST

HIDDEN = 64
LAYERS = ("backbone.1", "backbone", "reflexive")
"""Where latents attach: after the first ReLU, after the second, after the ReflexiveLayer."""


@dataclass(frozen=True, slots=True, eq=False)
class MlpWeights:
    """d -> h -> h (ReLU after each) -> ReflexiveLayer -> 1 logit; all float32.

    first_w (h, d), first_b (h,), second_w (h, h), second_b (h,), head_w (h,), head_b
    """

    first_w: Float32
    first_b: Float32
    second_w: Float32
    second_b: Float32
    reflexive: Reflexive
    head_w: Float32
    head_b: float

    @property
    def hidden(self) -> int:
        """h"""
        return len(self.first_b)

    @staticmethod
    def from_arrays(width: int, arrays: Mapping[str, AnyArray]) -> "MlpWeights":
        """The weights under the names of `SelfHealingMLP`'s state, for `width` encoded columns.

        Raises NetworkError for missing or unknown names, wrong shapes or types, and numbers that
        are not finite or beyond 1e12.
        """
        hidden = arrays["head.weight"].size if "head.weight" in arrays else HIDDEN
        shapes = _shapes(width, hidden)
        if arrays.keys() != shapes.keys():
            odd = min(arrays.keys() ^ shapes.keys())
            raise NetworkError(f"network: {odd[:100]!r} is missing or unknown")
        for name, array in arrays.items():
            _check(name, array, shapes[name])
        try:
            reflexive = Reflexive(
                w1=arrays["reflexive.first.weight"],
                b1=arrays["reflexive.first.bias"],
                w2=arrays["reflexive.second.weight"],
                b2=arrays["reflexive.second.bias"],
                scale=float(arrays["reflexive.scale"]),
            )
        except AdapterError as error:
            raise NetworkError(f"network: {error}") from None
        return MlpWeights(
            first_w=frozen32(arrays["backbone.0.weight"]),
            first_b=frozen32(arrays["backbone.0.bias"]),
            second_w=frozen32(arrays["backbone.2.weight"]),
            second_b=frozen32(arrays["backbone.2.bias"]),
            reflexive=reflexive,
            head_w=frozen32(arrays["head.weight"][0]),
            head_b=float(arrays["head.bias"][0]),
        )


def _shapes(width: int, hidden: int) -> dict[str, tuple[int, ...]]:
    return {
        "backbone.0.weight": (hidden, width),
        "backbone.0.bias": (hidden,),
        "backbone.2.weight": (hidden, hidden),
        "backbone.2.bias": (hidden,),
        "reflexive.first.weight": (hidden, hidden),
        "reflexive.first.bias": (hidden,),
        "reflexive.second.weight": (hidden, hidden),
        "reflexive.second.bias": (hidden,),
        "reflexive.scale": (),
        "head.weight": (1, hidden),
        "head.bias": (1,),
    }


def _check(name: str, array: AnyArray, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != np.float32:
        found = f"{array.dtype} of shape {array.shape}"
        raise NetworkError(f"network: {name} is {found}, expected float32 of shape {shape}")
    if not (np.abs(array) <= LARGEST).all():
        raise NetworkError(f"network: {name} is not finite or beyond 1e12, expected weights")
