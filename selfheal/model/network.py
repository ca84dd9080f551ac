"""The article's network, and the adapter modules, in torch."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from selfheal.model.arrays import AnyArray
from selfheal.model.mlp import HIDDEN


class ReflexiveLayer(nn.Module):
    """x + scale * (Linear -> tanh -> Linear)(x), the learnable scale from 0.1.

    width: units of its input and output; inner: between the two Linears, `width` in the article
    8,321 parameters at width 64.
    """

    def __init__(self, width: int = HIDDEN, inner: int | None = None) -> None:
        super().__init__()
        self.first = nn.Linear(width, inner or width)
        self.second = nn.Linear(inner or width, width)
        self.scale = nn.Parameter(torch.tensor(0.1))

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) to (..., width)."""
        return x + self.scale * self.second(torch.tanh(self.first(x)))


class HealingAdapter(nn.Module):
    """h + gate * up(relu(down(h))): a bottleneck beside the residual path, the gate from 0.

    width: units of its input and output; inner: the bottleneck, width // 4 in the article
    """

    def __init__(self, width: int, inner: int | None = None) -> None:
        super().__init__()
        self.down = nn.Linear(width, inner or max(width // 4, 1))
        self.up = nn.Linear(inner or max(width // 4, 1), width)
        self.gate = nn.Parameter(torch.tensor(0.0))

    def forward(self, h: Tensor) -> Tensor:
        """(..., width) to (..., width)."""
        return h + self.gate * self.up(torch.relu(self.down(h)))


class SelfHealingMLP(nn.Module):
    """d -> 64 -> 64 (ReLU after each) -> ReflexiveLayer -> 1 logit, trained as a whole.

    13,250 parameters at width d = 10. The article's head ends in a sigmoid; here it ends at the
    logit, and the sigmoid is in the loss.
    """

    def __init__(self, width: int, hidden: int = HIDDEN) -> None:
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.reflexive = ReflexiveLayer(hidden)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Encoded rows float32 (batch, width) to logits (batch,)."""
        hidden = self.reflexive(self.backbone(x))  # (batch, hidden)
        return self.head(hidden).squeeze(1)  # (batch,)

    def freeze_for_healing(self) -> None:
        """Leave gradients on the ReflexiveLayer alone."""
        self.requires_grad_(False)
        self.reflexive.requires_grad_(True)

    def unfreeze_all(self) -> None:
        """Give every parameter its gradient back."""
        self.requires_grad_(True)


def new_network(width: int, generator: torch.Generator, hidden: int = HIDDEN) -> SelfHealingMLP:
    """An untrained network, its weights drawn from `generator` as torch's Linear draws them.

    torch's global generator is left alone: the layers are made without memory first.
    """
    with torch.device("meta"):
        network = SelfHealingMLP(width, hidden)
    network.to_empty(device="cpu")
    for layer in network.modules():
        if isinstance(layer, nn.Linear):
            bound = layer.in_features**-0.5
            nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    nn.init.constant_(network.reflexive.scale, 0.1)
    return network


def network_from(arrays: Mapping[str, AnyArray]) -> SelfHealingMLP:
    """The network with these weights, under the names of its state; a copy of them."""
    hidden, width = arrays["backbone.0.weight"].shape
    with torch.device("meta"):
        network = SelfHealingMLP(width, hidden)
    network.load_state_dict(state_from(arrays), assign=True)
    return network


def state_from(arrays: Mapping[str, AnyArray]) -> dict[str, Tensor]:
    """Arrays as the tensors of a module's state; copies, so that training cannot reach back."""
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}


def arrays_from(module: nn.Module) -> dict[str, AnyArray]:
    """The module's state as arrays; copies."""
    return {name: tensor.numpy(force=True).copy() for name, tensor in module.state_dict().items()}
