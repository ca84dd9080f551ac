"""Micro-updates: a few hundred samples move the HealingAdapters, the backbone stays frozen.

Source: the HealingAdapter article: bottlenecks after key layers, gates from 0, 100 to 500 samples,
learning rate 1e-3, with labels or with a self-supervised proxy task. It leaves the task open. Here
it is activation matching (Mirza et al. 2023, ActMAD, CVPR): each unit's mean and variance go back
to what they were on clean rows. Not taken: masked reconstruction, whose decoder rewards latents
that carry the drift along; and entropy minimisation, which harmed wherever it was tried
(docs/log.md). Activation matching is wrong where the prior moved, as it forces the old one.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from selfheal.model.adapted import AdaptedModule, named_layer
from selfheal.model.adapter import Adapter, Bottleneck
from selfheal.model.arrays import Float64
from selfheal.model.model import Model
from selfheal.model.torch_compiled import adapted_module

FEWEST_SAMPLES = 100
MOST_SAMPLES = 500

Objective: TypeAlias = Callable[[Tensor, Tensor], Tensor]
"""Rows x (batch, ...) and their positions (batch,) among the samples, to a loss."""

UnitMoments: TypeAlias = Mapping[str, tuple[Tensor, Tensor]]
"""Mean and variance of each unit, by the layer's name."""


@dataclass(frozen=True, slots=True)
class MicroUpdate:
    """How a micro-update learns: Adam, each step on the next batch of the shuffled samples."""

    learning_rate: float = 1e-3
    steps: int = 200
    batch_rows: int = 50
    seed: int = 0


def micro_update(
    module: AdaptedModule, x: Tensor, objective: Objective, settings: MicroUpdate
) -> list[float]:
    """Train the latent parts of `module` in place on samples (n, ...); the loss of each step.

    Raises ValueError for fewer than 100 samples or more than 500: take the newest.
    """
    if not FEWEST_SAMPLES <= len(x) <= MOST_SAMPLES:
        expected = f"{FEWEST_SAMPLES} to {MOST_SAMPLES}"
        raise ValueError(f"{len(x)} samples for a micro-update, expected {expected}")
    optimizer = torch.optim.Adam(module.learning.parameters(), lr=settings.learning_rate)
    losses: list[float] = []
    for rows in islice(_batches(len(x), settings), settings.steps):
        optimizer.zero_grad()
        loss = objective(x[rows], rows)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def _batches(rows: int, settings: MicroUpdate) -> Iterator[Tensor]:
    """Positions (batch,), without end: each pass over the samples in an order of its own."""
    generator = torch.Generator().manual_seed(settings.seed)
    while True:
        order = torch.randperm(rows, generator=generator)
        yield from (part for part in order.split(settings.batch_rows) if len(part) > 1)


def supervised(
    module: nn.Module, labels: Tensor, loss: Callable[[Tensor, Tensor], Tensor]
) -> Objective:
    """Learn from labels (n, ...) of the samples."""
    return lambda x, rows: loss(module(x), labels[rows])


def unit_moments(
    module: nn.Module, layers: Sequence[str], x: Tensor
) -> dict[str, tuple[Tensor, Tensor]]:
    """What each unit of the named layers does on clean rows (n, ...), n at least 2."""
    with _Taps(module, layers) as taps, torch.no_grad():
        module(x)
        return {layer: _moments(hidden) for layer, hidden in taps.seen.items()}


def activation_matching(module: AdaptedModule, clean: UnitMoments) -> Objective:
    """The self-supervised task: every unit's mean and variance as on clean rows, no label.

    clean: of the backbone without these adapters
    """
    taps = _Taps(module.backbone, list(clean))

    def loss(x: Tensor, _rows: Tensor) -> Tensor:
        with taps:
            module(x)
            found = {layer: _moments(hidden) for layer, hidden in taps.seen.items()}
        parts = [
            (found[layer][i] - clean[layer][i]).abs().mean() for layer in clean for i in range(2)
        ]
        return torch.stack(parts).sum()

    return loss


def micro_updated(
    model: Model,
    served: Adapter | None,
    values: Float64,
    *,
    labels: Float64 | None = None,
    clean: Float64 | None = None,
    layers: Sequence[str] | None = None,
    settings: MicroUpdate | None = None,
) -> Adapter:
    """The served adapter with its HealingAdapters moved; born where there are none.

    values: raw values (n, f) of the newest samples, n from 100 to 500
    labels: (n,) of 0 and 1; None learns by activation matching
    clean:  raw values (m, f) of rows before the drift, for activation matching
    layers: of the model, that get a HealingAdapter; None for all
    Raises ValueError for too few or too many samples, or for neither labels nor clean rows.
    """
    settings = settings or MicroUpdate()
    rng = np.random.default_rng(settings.seed)
    served = served or Adapter()
    born = {layer: Bottleneck.born(model.layers[layer], rng) for layer in layers or model.layers}
    adapter = replace(served, latents={**born, **served.latents})
    module = adapted_module(model, adapter)
    x = _encoded(model, served, values)
    if labels is not None:
        truth = torch.from_numpy(labels.astype(np.float32))
        objective = supervised(module, truth, binary_cross_entropy_with_logits)
    elif clean is not None:
        alone = adapted_module(model, Adapter()).backbone
        moments = unit_moments(alone, list(born), _encoded(model, Adapter(), clean))
        objective = activation_matching(module, moments)
    else:
        raise ValueError("neither labels nor clean rows for a micro-update, expected one of them")
    micro_update(module, x, objective, settings)
    return replace(adapter, latents=module.adapter().latents)


def _encoded(model: Model, adapter: Adapter, values: Float64) -> Tensor:
    aligned = adapter.align(values, model.schema.numeric)
    return torch.from_numpy(model.encoder.encode(aligned))


def _moments(hidden: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of each unit over (batch, ...)."""
    return hidden.mean(dim=0), hidden.var(dim=0)


class _Taps:
    """Sees what the named layers give while it is open; after their adapters, where there are."""

    def __init__(self, module: nn.Module, layers: Sequence[str]) -> None:
        self._layers = {name: named_layer(module, name) for name in layers}
        self.seen: dict[str, Tensor] = {}
        self._hooks: list[torch.utils.hooks.RemovableHandle] = []

    def __enter__(self) -> "_Taps":
        self._hooks = [
            layer.register_forward_hook(_Tap(name, self.seen))
            for name, layer in self._layers.items()
        ]
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()


class _Tap:
    """A forward hook that keeps a layer's output, gradient and all."""

    def __init__(self, name: str, seen: dict[str, Tensor]) -> None:
        self.name = name
        self.seen = seen

    def __call__(self, _layer: nn.Module, _inputs: object, hidden: Tensor) -> None:
        self.seen[self.name] = hidden
