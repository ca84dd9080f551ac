import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from selfheal.model import mlp_compiled
from selfheal.model.adapter import (
    Adapter,
    Bottleneck,
    HeadDelta,
    InputAlignment,
    Output,
    Reflexive,
)
from selfheal.model.compiled import compile_model
from selfheal.model.errors import AdapterError, NetworkError
from selfheal.model.mlp_compiled import compile_mlp
from selfheal.model.probability import LOGIT_LIMIT, sigmoid
from selfheal.model.torch_compiled import compile_torch


def test_without_an_adapter_the_base_and_the_active_logit_are_the_same_array(model, values):
    scores = compile_model(model).score(values)

    assert scores.logit is scores.base_logit
    assert scores.aligned is values


def test_the_compiled_network_is_the_torch_network(model, values):
    ours = compile_model(model).score(values)

    torchs = compile_torch(model).score(values)

    np.testing.assert_allclose(ours.logit, torchs.logit, atol=1e-5)


def test_the_base_logit_has_the_same_bits_whatever_the_adapter(model, values, rng):
    alone = compile_model(model).score(values).base_logit
    adapters = [
        Adapter(alignment=InputAlignment(np.array([2.0, 1.0]), np.array([1.0, 0.0]))),
        Adapter(output=Output(0.5, 1.0)),
        Adapter(latents={"backbone": Reflexive.born(64, rng)}),
    ]

    for adapter in adapters:
        base = compile_model(model, adapter).score(values).base_logit
        np.testing.assert_array_equal(base, alone)


def test_alignment_folded_into_the_first_layer_equals_scoring_aligned_values(model, values):
    adapter = Adapter(alignment=InputAlignment(np.array([0.5, 3.0]), np.array([-1.0, 4.0])))

    scores = compile_model(model, adapter).score(values)

    aligned = adapter.align(values, model.schema.numeric)
    np.testing.assert_array_equal(scores.aligned, aligned)
    np.testing.assert_allclose(
        scores.logit, compile_model(model).score(aligned).logit, rtol=1e-5, atol=1e-5
    )


def test_the_output_part_scales_shifts_and_skips(model, values, rng):
    skip = rng.normal(size=model.encoder.width).astype(np.float32)

    scores = compile_model(model, Adapter(output=Output(0.5, 2.0, skip))).score(values)

    expected = 0.5 * scores.base_logit + 2.0 + model.encoder.encode(values) @ skip
    np.testing.assert_allclose(scores.logit, expected, rtol=1e-5, atol=1e-5)


def test_layers_are_shared_up_to_the_first_that_differs(model):
    def shared(adapter):
        return compile_mlp(model.encoder, model.backbone, adapter).shared

    rng = np.random.default_rng(1)
    opened = Bottleneck.born(64, rng)
    opened = Bottleneck(opened.down_w, opened.down_b, opened.up_w, opened.up_b, gate=1.0)

    assert shared(Adapter()) == 3
    assert shared(Adapter(output=Output(shift=1.0))) == 3
    assert shared(Adapter(head=HeadDelta(np.ones(64), 0.0))) == 2
    assert shared(Adapter(latents={"backbone": Reflexive.born(64, rng)})) == 2
    assert shared(Adapter(latents={"backbone.1": opened})) == 1


def test_a_row_scores_the_same_alone_and_in_a_batch(model, values):
    compiled = compile_model(model, Adapter(alignment=InputAlignment(np.ones(2), np.ones(2))))

    together = compiled.score(values)

    for i in range(len(values)):
        alone = compiled.score(values[i : i + 1])
        np.testing.assert_allclose(alone.score, together.score[i : i + 1], atol=1e-6)
        np.testing.assert_allclose(alone.shadow_score, together.shadow_score[i : i + 1], atol=1e-6)


def test_more_rows_than_a_block_score_as_they_would_in_parts(model, values, monkeypatch):
    whole = compile_model(model).score(values)
    monkeypatch.setattr(mlp_compiled, "BLOCK_ROWS", 7)

    parts = compile_model(model).score(values)

    np.testing.assert_allclose(parts.score, whole.score, atol=1e-6)


def test_no_rows_have_no_scores(model):
    for compiled in (compile_model(model), compile_torch(model)):
        scores = compiled.score(np.empty((0, 3)))

        assert scores.logit.shape == scores.base_logit.shape == scores.score.shape == (0,)
        assert scores.aligned.shape == (0, 3)


@pytest.mark.parametrize("huge", [1e30, -1e30, 1e38, 1e200, 1.7e308, -1.7e308])
def test_huge_inputs_saturate_and_are_never_nan(model, huge):
    values = np.array([[huge, 0, 20.0], [0.0, 1, 20.0]])
    stretched = Adapter(alignment=InputAlignment(np.array([1e6, 1.0]), np.zeros(2)))

    for adapter in (None, stretched):
        scores = compile_model(model, adapter).score(values)
        ordinary = compile_model(model, adapter).score(values[1:])

        assert np.isfinite(scores.logit).all()
        assert np.abs(scores.logit).max() <= LOGIT_LIMIT
        assert scores.score[0] in (0.0, 1.0)
        np.testing.assert_allclose(scores.score[1:], ordinary.score, atol=1e-6)


@given(
    hnp.arrays(np.float64, (4, 2), elements=st.floats(allow_infinity=False)),
    hnp.arrays(np.float64, (2, 2), elements=st.floats(-1e12, 1e12)),
)
def test_any_numbers_under_any_alignment_have_finite_logits(model, numbers, alignment):
    values = np.column_stack([numbers[:, 0], np.zeros(4), numbers[:, 1]])
    adapter = Adapter(alignment=InputAlignment(*alignment))

    scores = compile_model(model, adapter).score(values)

    assert np.isfinite(scores.logit).all()
    assert np.isfinite(scores.base_logit).all()


def test_a_row_of_missing_values_has_a_score(model):
    score = compile_model(model).score(np.full((1, 3), np.nan)).score

    assert 0 < score[0] < 1


def test_scoring_leaves_the_values_alone(model, values, rng):
    adapter = Adapter(
        alignment=InputAlignment(np.ones(2), np.ones(2)),
        latents={"backbone": Reflexive.born(64, rng)},
    )
    before = values.copy()

    compile_model(model, adapter).score(values)

    np.testing.assert_array_equal(values, before)


def test_a_compiled_model_survives_pickling(model, values):
    compiled = compile_model(model, Adapter(output=Output(shift=0.5)))

    again = pickle.loads(pickle.dumps(compiled))

    np.testing.assert_array_equal(again.score(values).logit, compiled.score(values).logit)


def test_layers_give_the_activations_of_the_active_network(model, values, rng):
    replaced = Adapter(latents={"backbone": Reflexive.born(64, rng)})

    layers = compile_model(model, replaced).layers(values)

    assert list(layers) == ["backbone.1", "backbone", "reflexive"]
    np.testing.assert_allclose(layers["reflexive"], layers["backbone"], atol=1e-6)
    for name, found in compile_torch(model, replaced).layers(values).items():
        np.testing.assert_allclose(found, layers[name], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("adapter", "message"),
    [
        (Adapter(alignment=InputAlignment.born(3)), "alignment is 3 wide, the model needs 2"),
        (Adapter(head=HeadDelta.born(8)), "head is 8 wide, the model needs 64"),
        (Adapter(output=Output(skip=np.zeros(2))), "output.skip is 2 wide, the model needs 6"),
    ],
)
def test_an_adapter_of_another_shape_is_refused(model, adapter, message):
    for compiled in (compile_model, compile_torch):
        with pytest.raises(AdapterError, match=message):
            compiled(model, adapter)


def test_an_adapter_for_a_layer_that_is_not_there_is_refused(model, rng):
    adapter = Adapter(latents={"conv1": Bottleneck.born(64, rng)})

    with pytest.raises(AdapterError, match="no layer 'conv1', expected one of"):
        compile_model(model, adapter)


@pytest.mark.parametrize(
    "change",
    [
        {"head.weight": np.zeros((1, 3), np.float32)},
        {"head.weight": np.zeros(0, np.float32)},
        {"head.bias": np.zeros(1)},
        {"head.bias": np.array([np.nan], np.float32)},
        {"reflexive.scale": np.array(np.inf, np.float32)},
        {"extra": np.zeros(1, np.float32)},
    ],
)
def test_weights_that_make_no_network_are_refused(model, change):
    with pytest.raises(NetworkError):
        compile_mlp(model.encoder, {**model.backbone, **change})


def test_the_sigmoid_never_overflows():
    found = sigmoid(np.array([-1e6, -40.0, 0.0, 40.0, 1e6]))

    assert found[0] == 0
    assert found[2] == 0.5
    assert found[4] == 1
    assert found[1] == pytest.approx(np.exp(-40))
