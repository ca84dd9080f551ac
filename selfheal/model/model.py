"""A model: everything that the services must know about it, in memory."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from selfheal.model.arrays import AnyArray
from selfheal.model.features import Encoder
from selfheal.model.mlp import LAYERS, MlpWeights
from selfheal.model.reference import Reference
from selfheal.model.rules import Rule, parse_rules
from selfheal.model.schema import Schema
from selfheal.model.torch_module import TorchModule


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A frozen backbone with what belongs to it.

    backbone:     the network's weights by name: of `SelfHealingMLP`, or of `torch_module`
    torch_module: None for the built-in network
    rules_toml:   the text of rules.toml; `rules` are its rules
    threshold:    score from which a row is called fraud, in [0, 1], until a pointer says otherwise
    metrics:      what training measured, for people: plain values that JSON can hold
    layers:       units of each layer that latents may follow, by name
    head_width:   inputs of the head; None where a user's module names no head
    hash:         SHA-256 (hex) of all that a score depends on: features, encoder and weights
    Raises NetworkError for weights that do not fit the encoder, RuleError for bad rules.
    """

    schema: Schema
    encoder: Encoder
    backbone: Mapping[str, AnyArray]
    reference: Reference
    rules_toml: str = ""
    torch_module: TorchModule | None = None
    threshold: float = 0.5
    metrics: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rules: tuple[Rule, ...] = field(init=False, repr=False)
    layers: Mapping[str, int] = field(init=False, repr=False)
    head_width: int | None = field(init=False, repr=False)
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        module = self.torch_module
        if module is None:
            hidden = MlpWeights.from_arrays(self.encoder.width, self.backbone).hidden
            layers, head_width = dict.fromkeys(LAYERS, hidden), hidden
        else:
            layers, head_width = dict(module.layers), module.head_width
        object.__setattr__(self, "layers", layers)
        object.__setattr__(self, "head_width", head_width)
        object.__setattr__(self, "rules", parse_rules(self.rules_toml, self.schema))
        object.__setattr__(self, "hash", _hash(self))


def _hash(model: Model) -> str:
    """Over names, types and shapes too, each part with its length, so that nothing can shift."""
    facts = {
        "features": [
            (feature.name, getattr(feature, "levels", None)) for feature in model.schema.features
        ],
        "torch_module": model.torch_module and asdict(model.torch_module),
    }
    digest = hashlib.sha256(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))
    arrays = {f"encoder.{name}": array for name, array in model.encoder.to_arrays().items()}
    arrays |= {f"network.{name}": array for name, array in model.backbone.items()}
    for name, array in sorted(arrays.items()):
        digest.update(orjson.dumps([name, str(array.dtype), array.shape]))
        digest.update(array.tobytes())
    return digest.hexdigest()
