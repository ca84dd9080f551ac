"""A frozen backbone, of any kind, with adapter parts that can learn."""

from torch import Tensor, nn

from selfheal.model.adapter import Adapter, InputAlignment, Latent
from selfheal.model.errors import NetworkError
from selfheal.model.network import ReflexiveLayer, SelfHealingMLP
from selfheal.model.part_modules import (
    HeadCorrection,
    LatentModule,
    OutputCorrection,
    latent_module,
    latent_part,
)


class AdaptedModule(nn.Module):
    """`backbone` with the parts of `adapter` after its named layers; the parts alone learn.

    backbone: maps float32 (batch, ...) to a logit, (batch,) or (batch, 1); becomes this module's
              own, frozen and in evaluation mode for good. Other outputs pass unchanged as long as
              the adapter has neither head nor output.
    adapter:  its alignment acts on raw values, before encoding, and so not here
    width:    encoded columns d, for `output.skip`
    head:     name of the Linear that gives the logit, for head deltas

    A Reflexive after "backbone" of a `SelfHealingMLP` takes the place of its trained
    ReflexiveLayer. Every other latent is inserted: it acts on the last axis of a layer's output
    of up to three axes, and on the channels, axis 1, of more.
    Raises NetworkError for a name that the backbone does not have.
    """

    def __init__(
        self, backbone: nn.Module, adapter: Adapter, width: int, head: str | None = "head"
    ) -> None:
        super().__init__()
        self.backbone = backbone.requires_grad_(False)
        self.latents: dict[str, LatentModule] = {}
        for layer, latent in adapter.latents.items():
            self._attach(layer, latent)
        self.learning = nn.ModuleList(self.latents.values())
        self.head = None if adapter.head is None else HeadCorrection(adapter.head)
        if self.head is not None:
            named_layer(backbone, head or "").register_forward_hook(_AddToLogit(self.head))
        self.output = None if adapter.output is None else OutputCorrection(adapter.output, width)
        self.train()

    def forward(self, x: Tensor) -> Tensor:
        """Encoded rows float32 (batch, d) to logits (batch,)."""
        logit = self.backbone(x)
        if logit.ndim == 2 and logit.shape[1] == 1:
            logit = logit.squeeze(1)  # (batch,)
        return logit if self.output is None else self.output(logit, x)

    def train(self, mode: bool = True) -> "AdaptedModule":
        """Set the parts' mode; the backbone stays in evaluation mode: no statistic of it moves."""
        super().train(mode)
        self.backbone.eval()
        return self

    def adapter(self, alignment: InputAlignment | None = None) -> Adapter:
        """The parts' present weights, with an alignment to go before them."""
        return Adapter(
            alignment=alignment,
            latents={layer: latent_part(module) for layer, module in self.latents.items()},
            head=None if self.head is None else self.head.part(),
            output=None if self.output is None else self.output.part(),
        )

    def _attach(self, layer: str, latent: Latent) -> None:
        module = latent_module(latent)
        self.latents[layer] = module
        is_built_in = isinstance(self.backbone, SelfHealingMLP) and layer == "backbone"
        if is_built_in and isinstance(module, ReflexiveLayer):
            self.backbone.reflexive = module
        else:
            named_layer(self.backbone, layer).register_forward_hook(_After(module))


class _After:
    """A forward hook that sends a layer's output through an adapter.

    A class, not a closure: copying the module copies it along with its adapter.
    """

    def __init__(self, adapter: nn.Module) -> None:
        self.adapter = adapter

    def __call__(self, _layer: nn.Module, _inputs: object, hidden: Tensor) -> Tensor:
        if hidden.ndim <= 3:
            return self.adapter(hidden)
        return self.adapter(hidden.movedim(1, -1)).movedim(-1, 1)  # (batch, channels, ...)


class _AddToLogit:
    """A forward hook that adds a head correction to the head's logit."""

    def __init__(self, correction: HeadCorrection) -> None:
        self.correction = correction

    def __call__(self, _head: nn.Module, inputs: tuple[Tensor], logit: Tensor) -> Tensor:
        return logit + self.correction(inputs[0]).reshape(logit.shape)


def named_layer(module: nn.Module, layer: str) -> nn.Module:
    """The submodule of this name. Raises NetworkError where there is none."""
    try:
        return module.get_submodule(layer)
    except AttributeError:
        raise NetworkError(f"network: it has no layer {layer!r}, expected a submodule") from None
