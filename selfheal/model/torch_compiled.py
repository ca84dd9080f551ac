"""A model whose backbone is a torch module, ready to score."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from selfheal.model.adapted import AdaptedModule, named_layer
from selfheal.model.adapter import Adapter, Reflexive
from selfheal.model.arrays import AnyArray, Float32, Float64
from selfheal.model.correction import corrected, corrects
from selfheal.model.errors import NetworkError
from selfheal.model.features import Encoder
from selfheal.model.fit import require_fit
from selfheal.model.model import Model
from selfheal.model.probability import LOGIT_LIMIT
from selfheal.model.scores import Scores
from selfheal.model.user_module import load_backbone

BLOCK_ROWS = 2_048
"""Rows that go through the module together, so that memory stays bounded."""

_NO_CORRECTION = Adapter()


@dataclass(frozen=True, slots=True, eq=False)
class TorchCompiled:
    """A torch module with an adapter, ready to score (see `Compiled`).

    A user's module is a closed box: the base and the active model share no work.

    active:      None where the adapter changes nothing: the base's logit serves then
    layer_names: of the layers whose activations `layers` gives
    """

    encoder: Encoder
    adapter: Adapter
    base: AdaptedModule
    active: AdaptedModule | None
    layer_names: tuple[str, ...]

    @property
    def is_identity(self) -> bool:
        """True when the adapter changes nothing: both logits are the same array then."""
        return self.active is None

    def score(self, values: Float64) -> Scores:
        """Scores of raw values (n, f); n may be 0. Missing values are NaN.

        A logit that the module gives as NaN is 0: it says nothing.
        Raises NetworkError for a module that does not give one logit a row.
        """
        aligned = self.adapter.align(values, self.encoder.schema.numeric)
        base = self._logits(self.base, values)
        active = base if self.active is None else self._logits(self.active, aligned, self.adapter)
        return Scores(active, base, aligned)

    def layers(self, values: Float64) -> dict[str, AnyArray]:
        """Activations (n, ...) after each named layer of the active model."""
        module = self.active or self.base
        found: dict[str, AnyArray] = {}
        hooks = [
            named_layer(module.backbone, name).register_forward_hook(_Recorder(name, found))
            for name in self.layer_names
        ]
        try:
            aligned = self.adapter.align(values, self.encoder.schema.numeric)
            with torch.inference_mode():
                module(torch.from_numpy(self.encoder.encode(aligned)))
        finally:
            for hook in hooks:
                hook.remove()
        return found

    def _logits(
        self, module: AdaptedModule, values: Float64, adapter: Adapter = _NO_CORRECTION
    ) -> Float32:
        starts = range(0, len(values), BLOCK_ROWS)
        blocks = [self._block(module, values[i : i + BLOCK_ROWS], adapter) for i in starts]
        return np.concatenate([np.empty(0, np.float32), *blocks])

    def _block(self, module: AdaptedModule, values: Float64, adapter: Adapter) -> Float32:
        encoded = self.encoder.encode(values)
        with torch.inference_mode():
            logit = module(torch.from_numpy(encoded)).float().numpy()
        if logit.shape != (len(values),):
            raise NetworkError(
                f"network: gave shape {logit.shape} for {len(values)} rows, expected one logit each"
            )
        known = np.nan_to_num(logit, nan=0.0).clip(-LOGIT_LIMIT, LOGIT_LIMIT)
        return corrected(known, encoded, adapter).clip(-LOGIT_LIMIT, LOGIT_LIMIT)


class _Recorder:
    """A forward hook that keeps a layer's output."""

    def __init__(self, name: str, found: dict[str, AnyArray]) -> None:
        self.name = name
        self.found = found

    def __call__(self, _layer: nn.Module, _inputs: object, hidden: Tensor) -> None:
        self.found[self.name] = hidden.numpy()


def compile_torch(model: Model, adapter: Adapter | None = None) -> TorchCompiled:
    """The model with this adapter, run by torch. Raises NetworkError, AdapterError."""
    adapter = adapter or Adapter()
    require_fit(adapter, model.encoder, model.layers, model.head_width)
    return TorchCompiled(
        encoder=model.encoder,
        adapter=adapter,
        base=adapted_module(model, Adapter()).eval(),
        active=_before_correction(model, adapter) if _changes(model, adapter) else None,
        layer_names=tuple(model.layers),
    )


def adapted_module(model: Model, adapter: Adapter) -> AdaptedModule:
    """The model's backbone, loaded anew, with parts that can learn. Raises NetworkError."""
    head = "head" if model.torch_module is None else model.torch_module.head
    return AdaptedModule(load_backbone(model), adapter, model.encoder.width, head)


def _before_correction(model: Model, adapter: Adapter) -> AdaptedModule:
    """The module up to the logit that output and trees correct."""
    return adapted_module(model, replace(adapter, output=None, trees=None)).eval()


def _changes(model: Model, adapter: Adapter) -> bool:
    parts = (adapter.alignment, adapter.head)
    replaces = model.torch_module is None and isinstance(adapter.latents.get("backbone"), Reflexive)
    is_silent = all(latent.is_silent for latent in adapter.latents.values())
    is_changed = any(part is not None and not part.is_identity for part in parts)
    return replaces or not is_silent or is_changed or corrects(adapter)
