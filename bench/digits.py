"""The HealingAdapter article's image experiment, in small: digits, Gaussian noise, 500 samples.

Published: a network on CIFAR-10-C at 92 % clean, 61 % corrupted, 88.8 % healed. Here: 1,797 digits
of 8 x 8 pixels from scikit-learn, as neither those images nor those weights can be shipped, and a
convolutional network with batch normalisation, which is what noise breaks in such networks.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch and scikit-learn annotate only a part of their own signatures.

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from bench.errors import BenchError
from healer.micro_update import (
    MicroUpdate,
    activation_matching,
    micro_update,
    supervised,
    unit_moments,
)
from selfheal.model.adapted import AdaptedModule
from selfheal.model.adapter import Adapter, Bottleneck

TRAINED, SAMPLES = 797, 500
"""Images that train the network, and corrupted ones that heal it; the other 500 judge."""

LAYERS = {"block1": 16, "block2": 32, "block3": 64, "block4": 64}
"""Where the adapters go, and the channels or units there."""

NOISE_SD = 0.4
"""Of the corruption; pixels are in [0, 1]. Chosen on seeds 900 to 902 for about 61 % corrupted."""


@dataclass(frozen=True, slots=True)
class DigitsPlan:
    """How long each network learns."""

    healing: MicroUpdate
    training_epochs: int = 20
    ceiling_epochs: int = 40


FULL = DigitsPlan(MicroUpdate(steps=300))
QUICK = DigitsPlan(MicroUpdate(steps=100), training_epochs=5, ceiling_epochs=4)


@dataclass(frozen=True, slots=True)
class DigitsFigures:
    """Accuracies on the same 500 images, in [0, 1].

    clean, corrupted:      of the network as it was trained
    healed:                with adapters that learned from 500 corrupted images and their labels
    healed_without_labels: from the same images alone, by activation matching
    fine_tuned:            of the whole network, trained on from the same 500 labelled images
    ceiling:               of a network trained on all other 1,297 images under fresh noise
    healed_on_clean:       of the healed network on clean images: what healing costs
    """

    clean: float
    corrupted: float
    healed: float
    healed_without_labels: float
    fine_tuned: float
    ceiling: float
    healed_on_clean: float


class DigitsNetwork(nn.Module):
    """Three convolutional blocks and a dense one, to ten logits; 27,000 weights."""

    def __init__(self) -> None:
        super().__init__()
        self.block1 = _convolution(1, 16)
        self.block2 = nn.Sequential(*_convolution(16, 32), nn.MaxPool2d(2))
        self.block3 = nn.Sequential(*_convolution(32, 64), nn.MaxPool2d(2))
        self.block4 = nn.Sequential(nn.Flatten(), nn.Linear(256, 64), nn.ReLU())
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Images (batch, 1, 8, 8) to logits (batch, 10)."""
        hidden = self.block2(self.block1(x))  # (batch, 32, 4, 4)
        return self.head(self.block4(self.block3(hidden)))  # (batch, 10)


def digits(seed: int, plan: DigitsPlan = FULL) -> DigitsFigures:
    """One round of the experiment: its own network, split and noise.

    Raises BenchError where scikit-learn is not installed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return _round(seed, plan)


def measure_digits(
    seeds: int, plan: DigitsPlan = FULL, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Each figure's mean and standard deviation over the seeds from 0 on, by its name.

    say: told after each round
    """
    rounds: list[dict[str, float]] = []
    for seed in range(seeds):
        rounds.append(asdict(digits(seed, plan)))
        say(f"digits: seed {seed} of {seeds - 1}")
    columns = {name: np.array([figures[name] for figures in rounds]) for name in rounds[0]}
    figures = {
        name: {"mean": float(column.mean()), "sd": float(column.std())}
        for name, column in columns.items()
    }
    return {"seeds": seeds, "noise_sd": NOISE_SD, "accuracy": figures}


def _round(seed: int, plan: DigitsPlan) -> DigitsFigures:
    rng = np.random.default_rng(seed)
    images, truth = _images(rng)
    noisy = images + NOISE_SD * torch.randn(images.shape)
    trained, samples = slice(0, TRAINED), slice(TRAINED, TRAINED + SAMPLES)
    judged = slice(TRAINED + SAMPLES, None)
    network = _fitted(DigitsNetwork(), images[trained], truth[trained], plan.training_epochs)
    clean = accuracy(network, images[judged], truth[judged])
    corrupted = accuracy(network, noisy[judged], truth[judged])
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}

    moments = unit_moments(network, list(LAYERS), images[trained])
    labelled, alone = _adapted(state, rng), _adapted(state, rng)
    by_labels = supervised(labelled, truth[samples], cross_entropy)
    micro_update(labelled, noisy[samples], by_labels, plan.healing)
    micro_update(alone, noisy[samples], activation_matching(alone, moments), plan.healing)

    tuned = _with_state(state)
    _fitted(tuned, noisy[samples], truth[samples], plan.training_epochs)
    others = slice(0, TRAINED + SAMPLES)
    best = _fitted(DigitsNetwork(), images[others], truth[others], plan.ceiling_epochs, NOISE_SD)
    return DigitsFigures(
        clean=clean,
        corrupted=corrupted,
        healed=accuracy(labelled, noisy[judged], truth[judged]),
        healed_without_labels=accuracy(alone, noisy[judged], truth[judged]),
        fine_tuned=accuracy(tuned, noisy[judged], truth[judged]),
        ceiling=accuracy(best, noisy[judged], truth[judged]),
        healed_on_clean=accuracy(labelled, images[judged], truth[judged]),
    )


def accuracy(module: nn.Module, images: Tensor, truth: Tensor) -> float:
    """Share of right answers, in [0, 1]."""
    module.eval()
    with torch.inference_mode():
        return float((module(images).argmax(dim=1) == truth).float().mean())


def _images(rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Shuffled images (1797, 1, 8, 8) in [0, 1] and their digits (1797,)."""
    try:
        from sklearn.datasets import load_digits  # noqa: PLC0415  (slow)
    except ImportError:
        raise BenchError("digits: scikit-learn is missing; pip install scikit-learn") from None
    pixels, truth = load_digits(return_X_y=True)
    order = rng.permutation(len(pixels))
    images = (pixels[order] / 16.0).reshape(-1, 1, 8, 8).astype(np.float32)
    return torch.from_numpy(images), torch.from_numpy(truth[order])


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()
    )


def _adapted(state: dict[str, Tensor], rng: np.random.Generator) -> AdaptedModule:
    """The frozen network with newborn HealingAdapters after its key layers."""
    latents = {layer: Bottleneck.born(width, rng) for layer, width in LAYERS.items()}
    return AdaptedModule(_with_state(state), Adapter(latents=latents), width=1, head=None)


def _with_state(state: dict[str, Tensor]) -> DigitsNetwork:
    network = DigitsNetwork()
    network.load_state_dict(state)
    return network


def _fitted(
    network: DigitsNetwork, x: Tensor, truth: Tensor, epochs: int, noise_sd: float = 0.0
) -> DigitsNetwork:
    """Trained on in place (Adam 1e-3, batches of 32), under noise of its own where asked for."""
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    network.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            batch = x[rows]
            if noise_sd:
                batch = batch + noise_sd * torch.randn(batch.shape)
            optimizer.zero_grad()
            cross_entropy(network(batch), truth[rows]).backward()
            optimizer.step()
    return network
