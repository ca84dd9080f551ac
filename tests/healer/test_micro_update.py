"""Micro-updates: what they move, what they leave, and what they can and cannot heal."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss

from healer.micro_update import (
    MicroUpdate,
    activation_matching,
    micro_update,
    micro_updated,
    supervised,
    unit_moments,
)
from selfheal.model.adapted import AdaptedModule
from selfheal.model.adapter import Adapter, Bottleneck, InputAlignment
from selfheal.model.compiled import compile_model
from selfheal.model.schema import Numeric, Schema
from selfheal.model.training import train

SCHEMA = Schema((Numeric("V1"), Numeric("V14")))
FEW_STEPS = MicroUpdate(steps=20)
FAST = MicroUpdate(learning_rate=0.02, steps=150)


def drawn(rng, rows, shift=0.0, prior=0.15):
    """V14 tells fraud from legitimate, V1 is noise."""
    is_fraud = rng.random(rows) < prior
    v14 = rng.normal(np.where(is_fraud, -2.5, 0.0), np.where(is_fraud, 0.8, 1.0)) - shift
    return np.column_stack([rng.normal(size=rows), v14]), is_fraud.astype(np.float64)


@pytest.fixture(scope="module")
def model():
    return train(SCHEMA, *drawn(np.random.default_rng(1), 2_000), seed=1, epochs=8)


def accuracy(model, adapter, values, labels):
    return float(((compile_model(model, adapter).score(values).logit > 0) == labels).mean())


def test_labels_of_two_hundred_samples_heal_a_shift(model, rng):
    judged = drawn(rng, 4_000, shift=2.2)
    values, labels = drawn(rng, 200, shift=2.2)

    healed = micro_updated(model, None, values, labels=labels)

    assert accuracy(model, None, *judged) < 0.6
    assert accuracy(model, healed, *judged) > 0.85


def test_matching_activations_heals_a_shift_without_a_label(model, rng):
    judged, clean = drawn(rng, 4_000, shift=2.2), drawn(rng, 500)[0]

    healed = micro_updated(model, None, drawn(rng, 300, shift=2.2)[0], clean=clean)

    assert accuracy(model, healed, *judged) > 0.85


def test_matching_activations_harms_where_the_prior_moved(model, rng):
    judged, clean = drawn(rng, 4_000, prior=0.5), drawn(rng, 500)[0]

    harmed = micro_updated(model, None, drawn(rng, 300, prior=0.5)[0], clean=clean)

    assert accuracy(model, harmed, *judged) < accuracy(model, None, *judged) - 0.03


def test_it_goes_on_from_what_serves_and_leaves_the_other_parts(model, rng):
    alignment = InputAlignment(np.ones(2), np.array([0.0, 2.2]))
    served = Adapter(alignment, {"backbone": Bottleneck.born(64, rng)})
    values, labels = drawn(rng, 100, shift=2.2)

    updated = micro_updated(
        model, served, values, labels=labels, layers=["backbone"], settings=FEW_STEPS
    )

    assert updated.alignment is alignment
    assert list(updated.latents) == ["backbone"]
    assert updated.latents["backbone"].gate != 0.0
    np.testing.assert_allclose(
        updated.latents["backbone"].down_w, served.latents["backbone"].down_w, atol=0.05
    )


def test_every_layer_gets_an_adapter_unless_told_otherwise(model, rng):
    values, labels = drawn(rng, 100)

    updated = micro_updated(model, None, values, labels=labels, settings=FEW_STEPS)

    assert list(updated.latents) == ["backbone.1", "backbone", "reflexive"]


def test_the_same_seed_gives_the_same_adapter(model, rng):
    values, labels = drawn(rng, 120)

    first, second = (
        micro_updated(model, None, values, labels=labels, settings=FEW_STEPS) for _ in range(2)
    )

    for name, array in first.to_arrays().items():
        np.testing.assert_array_equal(array, second.to_arrays()[name])


@pytest.mark.parametrize("rows", [0, 99, 501])
def test_too_few_or_too_many_samples_are_refused(model, rng, rows):
    values, labels = drawn(rng, rows)

    with pytest.raises(ValueError, match="expected 100 to 500"):
        micro_updated(model, None, values, labels=labels)


def test_nothing_to_learn_from_is_refused(model, rng):
    with pytest.raises(ValueError, match="neither labels nor clean rows"):
        micro_updated(model, None, drawn(rng, 100)[0])


class Small(nn.Module):
    """A convolution with named layers, for outputs that are not one logit."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, padding=1)
        self.second = nn.Linear(8, 3)

    def forward(self, x):
        hidden = torch.relu(self.first(x)).mean(dim=(2, 3))  # (batch, 8)
        return self.second(hidden)  # (batch, 3)


def adapted(rng):
    latents = {"first": Bottleneck.born(8, rng), "second": Bottleneck.born(3, rng, reduction=1)}
    torch.manual_seed(3)
    return AdaptedModule(Small(), Adapter(latents=latents), width=1, head=None)


def test_feature_maps_and_several_outputs_learn_too_and_the_backbone_stays(rng):
    module, x = adapted(rng), torch.from_numpy(rng.normal(size=(100, 1, 4, 4)).astype(np.float32))
    before = {name: t.clone() for name, t in module.backbone.state_dict().items()}
    targets = module(x).detach() + 1.0

    losses = micro_update(module, x, supervised(module, targets, mse_loss), FAST)

    assert np.mean(losses[-10:]) < 0.5 * losses[0]
    after = module.backbone.state_dict()
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_activation_matching_brings_the_units_back_to_their_clean_moments(rng):
    module = adapted(rng)
    x = torch.from_numpy(rng.normal(size=(200, 1, 4, 4)).astype(np.float32))
    clean = unit_moments(module.backbone, ["first", "second"], x)
    objective = activation_matching(module, clean)

    losses = micro_update(module, 2.0 * x + 1.0, objective, FAST)

    assert np.mean(losses[-10:]) < 0.7 * losses[0]
