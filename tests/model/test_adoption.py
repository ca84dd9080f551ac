"""A user's own torch module: imported by its entry point, measured, adapted, scored."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from selfheal.model.adapter import (
    Adapter,
    Bottleneck,
    HeadDelta,
    InputAlignment,
    Output,
    Reflexive,
)
from selfheal.model.adoption import adopt
from selfheal.model.compiled import compile_model
from selfheal.model.errors import AdapterError, NetworkError
from selfheal.model.features import Encoder
from selfheal.model.folder import from_files, to_files
from selfheal.model.network import arrays_from
from selfheal.model.schema import Numeric, Schema
from selfheal.model.torch_compiled import adapted_module

SCHEMA = Schema(tuple(Numeric(f"x{i}") for i in range(8)))
SOURCE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm1d(8)
        self.hidden = nn.Sequential(nn.Linear(32, 6), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(6, 1)

    def forward(self, x):
        x = self.conv(self.norm(x).unsqueeze(1))
        return self.head(self.hidden(x.flatten(1)))


def net():
    return Net()


def grid():
    return nn.Sequential(
        nn.Unflatten(1, (1, 2, 4)), nn.Conv2d(1, 3, 1), nn.Flatten(), nn.Linear(24, 1)
    )


def three_logits():
    return nn.Linear(8, 3)


def nothing():
    return 3
"""


@pytest.fixture(autouse=True)
def package(tmp_path, monkeypatch):
    """The user's package, importable."""
    (tmp_path / "users_net.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)


@pytest.fixture
def rows(rng):
    labels = np.arange(60) % 2
    return rng.normal(size=(60, 8)) + labels[:, None], labels


def state_of(factory):
    import users_net

    torch.manual_seed(4)
    module = getattr(users_net, factory)()
    return arrays_from(module), module.eval()


def adopted(rows, factory="net", **more):
    state, module = state_of(factory)
    encoder = Encoder.fit(SCHEMA, rows[0], standardise=False)
    return adopt(f"users_net:{factory}", state, encoder, *rows, **more), module


def test_the_adopted_module_scores_as_it_did(rows):
    model, module = adopted(rows)

    scores = compile_model(model).score(rows[0])

    with torch.no_grad():
        expected = module(torch.from_numpy(rows[0].astype(np.float32))).squeeze(1)
    np.testing.assert_allclose(scores.logit, expected.numpy(), atol=1e-6)
    assert scores.logit is scores.base_logit


def test_it_survives_its_folder(rows):
    model, _ = adopted(rows, layers=["hidden"], head="head")

    again = from_files(to_files(model))

    assert again.torch_module == model.torch_module
    assert again.hash == model.hash
    np.testing.assert_array_equal(
        compile_model(again).score(rows[0]).logit, compile_model(model).score(rows[0]).logit
    )


def test_layers_and_head_are_measured(rows):
    model, _ = adopted(rows, layers=["hidden", "hidden.0"], head="head")

    assert model.layers == {"hidden": 6, "hidden.0": 6}
    assert model.head_width == 6
    assert set(model.reference.layers) == {"hidden", "hidden.0"}
    assert "held_out" in model.metrics


def test_every_part_is_the_identity_at_birth(rows, rng):
    model, _ = adopted(rows, layers=["hidden", "hidden.0"], head="head")
    born = Adapter(
        alignment=InputAlignment.born(8),
        latents={"hidden": Reflexive.born(6, rng), "hidden.0": Bottleneck.born(6, rng)},
        head=HeadDelta.born(6),
        output=Output(),
    )

    compiled = compile_model(model, born)
    logit = adapted_module(model, born)(torch.from_numpy(model.encoder.encode(rows[0])))

    assert compiled.is_identity
    np.testing.assert_array_equal(logit.detach().numpy(), compiled.score(rows[0]).base_logit)


def test_parts_after_named_layers_learn_and_are_served(rows, rng):
    model, _ = adopted(rows, layers=["hidden", "hidden.0"], head="head")
    born = Adapter(
        latents={"hidden": Reflexive.born(6, rng), "hidden.0": Bottleneck.born(6, rng)},
        head=HeadDelta.born(6),
        output=Output(),
    )
    module = adapted_module(model, born)
    optimizer = torch.optim.SGD([p for p in module.parameters() if p.requires_grad], lr=0.001)
    x = torch.from_numpy(model.encoder.encode(rows[0]))
    for _ in range(3):
        optimizer.zero_grad()
        module(x).sum().backward()
        optimizer.step()

    scores = compile_model(model, module.adapter()).score(rows[0])

    np.testing.assert_allclose(scores.logit, module.eval()(x).detach().numpy(), atol=1e-4)
    np.testing.assert_array_equal(scores.base_logit, compile_model(model).score(rows[0]).logit)
    assert (scores.logit != scores.base_logit).all()


def test_learning_never_moves_a_statistic_of_the_backbone(rows):
    model, _ = adopted(rows, head="head")
    module = adapted_module(model, Adapter(head=HeadDelta.born(6))).train()

    module(torch.randn(20, 8))

    for name, array in arrays_from(module.backbone).items():
        np.testing.assert_array_equal(array, model.backbone[name])


def test_a_latent_after_a_convolution_acts_on_its_channels(rows, rng):
    model, _ = adopted(rows, "grid", layers=["1"])
    opened = Bottleneck.born(3, rng)
    opened = replace(opened, gate=1.0)

    scores = compile_model(model, Adapter(latents={"1": opened})).score(rows[0])

    assert model.layers == {"1": 3}
    assert (scores.logit != scores.base_logit).any()


def test_no_rows_have_no_scores(rows):
    assert compile_model(adopted(rows)[0]).score(np.empty((0, 8))).logit.shape == (0,)


def test_importing_the_module_leaves_torch_s_global_generator_alone(rows):
    model, _ = adopted(rows)
    before = torch.get_rng_state()

    compile_model(model)

    assert torch.equal(torch.get_rng_state(), before)


def test_a_head_delta_for_a_module_that_names_no_head_is_refused(rows):
    model, _ = adopted(rows)

    with pytest.raises(AdapterError, match="names no head"):
        compile_model(model, Adapter(head=HeadDelta.born(6)))


@pytest.mark.parametrize(
    ("entry_point", "message"),
    [
        ("users_net:absent", "cannot be loaded"),
        ("no_such_package:net", "install its package"),
        ("users_net:nothing", "gave no torch module"),
        ("users_net:grid", "weights are not those of"),
        ("users_net", "expected package.module:factory"),
        ("users net:net", "expected package.module:factory"),
    ],
)
def test_an_entry_point_that_gives_no_such_module_is_refused(rows, entry_point, message):
    state, _ = state_of("net")
    encoder = Encoder.fit(SCHEMA, rows[0])

    with pytest.raises(NetworkError, match=message):
        adopt(entry_point, state, encoder, *rows)


def test_a_module_that_gives_more_than_a_logit_is_refused(rows):
    with pytest.raises(NetworkError, match="expected one logit each"):
        adopted(rows, "three_logits")


@pytest.mark.parametrize("more", [{"layers": ["absent"]}, {"head": "absent"}, {"head": "hidden"}])
def test_names_that_the_module_does_not_have_are_refused(rows, more):
    with pytest.raises(NetworkError, match=r"layer|head"):
        adopted(rows, **more)
