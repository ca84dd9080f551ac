"""What every part of an adapter promises, on one list."""

import pickle

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
    Trees,
)
from selfheal.model.compiled import compile_model
from selfheal.model.features import Encoder
from selfheal.model.mlp import MlpWeights
from selfheal.model.model import Model
from selfheal.model.network import arrays_from, new_network
from selfheal.model.reference import Reference
from selfheal.model.schema import Numeric, Schema
from selfheal.model.torch_compiled import adapted_module, compile_torch

K, HIDDEN = 5, 64
PARTS = [
    "alignment",
    "replaced",
    "inserted",
    "first_layer",
    "bottleneck",
    "head",
    "output",
    "trees",
]
LEARNING = [part for part in PARTS if part not in ("alignment", "trees")]
"""Parts that gradients reach."""


@pytest.fixture(scope="module")
def model() -> Model:
    """Untrained: what parts promise does not depend on what the network knows."""
    rng = np.random.default_rng(5)
    schema = Schema(tuple(Numeric(f"x{i}") for i in range(K)))
    values, labels = rng.normal(3, 2, (100, K)), np.arange(100) % 2
    return Model(
        schema=schema,
        encoder=Encoder.fit(schema, values),
        backbone=arrays_from(new_network(K, torch.Generator().manual_seed(5))),
        reference=Reference.measure(schema, values, labels, rng.normal(size=100)),
    )


def born(part: str, model: Model, rng: np.random.Generator) -> Adapter:
    """An adapter of this part alone, as it is at birth."""
    trained = compile_reflexive(model)
    return {
        "alignment": Adapter(alignment=InputAlignment.born(K)),
        "replaced": Adapter(latents={"backbone": trained}),
        "inserted": Adapter(latents={"reflexive": Reflexive.born(HIDDEN, rng)}),
        "first_layer": Adapter(latents={"backbone.1": Bottleneck.born(HIDDEN, rng)}),
        "bottleneck": Adapter(latents={"backbone": Bottleneck.born(HIDDEN, rng)}),
        "head": Adapter(head=HeadDelta.born(HIDDEN)),
        "output": Adapter(output=Output(skip=np.zeros(K))),
        "trees": Adapter(
            trees=Trees(rng.integers(0, K, (9, 7)), np.zeros((9, 7)), np.zeros((9, 8)))
        ),
    }[part]


def compile_reflexive(model: Model) -> Reflexive:
    """The trained ReflexiveLayer as a part."""
    return MlpWeights.from_arrays(model.encoder.width, model.backbone).reflexive


def grown(part: str, model: Model, rng: np.random.Generator) -> Adapter:
    """The same after some learning: every number has moved."""
    arrays = born(part, model, rng).to_arrays()
    moved = {name: a + rng.normal(0, 0.1, a.shape).astype(a.dtype) for name, a in arrays.items()}
    return Adapter.from_arrays(moved)


@pytest.fixture(params=PARTS)
def part(request) -> str:
    return request.param


@pytest.fixture
def rows(rng):
    return rng.normal(3, 2, (40, K))


def test_a_part_at_birth_is_the_identity_to_the_last_bit(part, model, rows, rng):
    for compiled in (compile_model, compile_torch):
        scores = compiled(model, born(part, model, rng)).score(rows)

        np.testing.assert_array_equal(scores.logit, scores.base_logit)


def test_a_compiled_part_at_birth_is_known_as_the_identity(part, model, rng):
    assert compile_model(model, born(part, model, rng)).is_identity


def test_a_grown_part_changes_the_logit_and_not_the_base(part, model, rows, rng):
    compiled = compile_model(model, grown(part, model, rng))

    scores = compiled.score(rows)

    assert not compiled.is_identity
    assert (scores.logit != scores.base_logit).any()
    np.testing.assert_array_equal(scores.base_logit, compile_model(model).score(rows).logit)


def test_the_compiled_form_equals_the_torch_form(part, model, rows, rng):
    adapter = grown(part, model, rng)

    compiled, torchs = compile_model(model, adapter), compile_torch(model, adapter)

    np.testing.assert_allclose(compiled.score(rows).logit, torchs.score(rows).logit, atol=1e-5)


def test_arrays_round_trip(part, model, rng):
    arrays = grown(part, model, rng).to_arrays()

    again = Adapter.from_arrays(arrays).to_arrays()

    assert again.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array, strict=True)


@pytest.mark.parametrize("part", [*LEARNING, "alignment"])
def test_weights_go_to_torch_and_back(part, model, rng):
    adapter = grown(part, model, rng)

    again = adapted_module(model, adapter).adapter(adapter.alignment).to_arrays()

    for name, array in adapter.to_arrays().items():
        np.testing.assert_allclose(again[name], array, rtol=1e-6, atol=1e-7)


def test_input_is_not_changed(part, model, rows, rng):
    before = rows.copy()

    compile_model(model, grown(part, model, rng)).score(rows)

    np.testing.assert_array_equal(rows, before)


def test_arrays_cannot_be_written_to(part, model, rng):
    arrays = grown(part, model, rng).to_arrays().values()

    assert not any(array.flags.writeable for array in arrays if array.ndim)


def test_it_pickles(part, model, rows, rng):
    adapter = grown(part, model, rng)

    again = pickle.loads(pickle.dumps(adapter))

    expected = compile_model(model, adapter).score(rows).logit
    np.testing.assert_array_equal(compile_model(model, again).score(rows).logit, expected)


def test_the_same_seed_gives_the_same_part(part, model):
    first, second = (born(part, model, np.random.default_rng(3)).to_arrays() for _ in range(2))

    for name, array in first.items():
        np.testing.assert_array_equal(second[name], array)


@pytest.mark.parametrize("part", LEARNING)
def test_the_part_alone_learns_and_learns_at_once(part, model, rows, rng):
    module = adapted_module(model, born(part, model, rng))
    learning = [p for p in module.parameters() if p.requires_grad]
    frozen = {n: p.clone() for n, p in module.named_parameters() if not p.requires_grad}

    optimizer = torch.optim.SGD(learning, lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        module(torch.from_numpy(model.encoder.encode(rows))).mean().backward()
        optimizer.step()

    assert frozen
    for name, parameter in module.named_parameters():
        if name in frozen:
            assert torch.equal(parameter, frozen[name])
    changed = compile_model(model, module.adapter()).score(rows)
    assert (changed.logit != changed.base_logit).any()
