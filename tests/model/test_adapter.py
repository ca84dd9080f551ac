import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from selfheal.model.adapter import (
    Adapter,
    Bottleneck,
    HeadDelta,
    InputAlignment,
    Output,
    Reflexive,
)
from selfheal.model.errors import AdapterError


@pytest.fixture
def adapter(rng):
    """One of everything."""
    return Adapter(
        alignment=InputAlignment(np.array([1.5, -1.0]), np.array([0.0, 2.0])),
        latents={"backbone": Reflexive.born(4, rng), "backbone.1": Bottleneck.born(8, rng)},
        head=HeadDelta(np.ones(4), 0.5),
        output=Output(0.9, -0.2, np.ones(3)),
    )


def test_arrays_have_the_names_of_their_parts(adapter):
    assert sorted(adapter.to_arrays()) == [
        "alignment.scale",
        "alignment.shift",
        "head.bias",
        "head.weight",
        "latent.backbone.1.bottleneck.down_b",
        "latent.backbone.1.bottleneck.down_w",
        "latent.backbone.1.bottleneck.gate",
        "latent.backbone.1.bottleneck.up_b",
        "latent.backbone.1.bottleneck.up_w",
        "latent.backbone.reflexive.b1",
        "latent.backbone.reflexive.b2",
        "latent.backbone.reflexive.scale",
        "latent.backbone.reflexive.w1",
        "latent.backbone.reflexive.w2",
        "output.scale",
        "output.shift",
        "output.skip",
    ]


def test_no_part_has_no_array_and_is_the_identity():
    assert Adapter().to_arrays() == {}
    assert Adapter().is_identity
    assert Adapter.from_arrays({}).is_identity


def test_parts_at_birth_are_the_identity(rng):
    born = Adapter(
        alignment=InputAlignment.born(3),
        latents={"layer": Bottleneck.born(8, rng)},
        head=HeadDelta.born(4),
        output=Output(),
    )

    assert born.is_identity
    assert Reflexive.born(4, rng).is_silent


def test_a_reflexive_may_replace_a_trained_layer_so_its_adapter_is_never_called_the_identity(rng):
    assert not Adapter(latents={"backbone": Reflexive.born(4, rng)}).is_identity


def test_alignment_moves_numeric_columns_alone_and_keeps_missing_values(adapter):
    values = np.array([[2.0, 1.0, 3.0], [np.nan, 0.0, 3.0]])

    aligned = adapter.align(values, np.array([0, 2]))

    np.testing.assert_array_equal(aligned, [[3.0, 1.0, -1.0], [np.nan, 0.0, -1.0]])


def test_nothing_to_align_gives_the_very_same_array():
    values = np.ones((2, 3))

    assert Adapter(alignment=InputAlignment.born(2)).align(values, np.array([0, 2])) is values


def test_parts_cannot_be_changed(adapter):
    with pytest.raises(ValueError, match="read-only"):
        adapter.alignment.scale[0] = 2.0


@pytest.mark.parametrize(
    "change",
    [
        {"surprise": np.zeros(1)},
        {"alignment.": np.zeros(1)},
        {"latent.reflexive.w1": np.zeros((1, 1), np.float32)},
        {"latent.backbone.other.w1": np.zeros((1, 1), np.float32)},
        {"latent.back bone.bottleneck.gate": np.array(0.0)},
        {"alignment.scale": np.ones(2, np.float32)},
        {"alignment.scale": np.ones(3)},
        {"alignment.scale": np.array([1.0, np.nan])},
        {"alignment.scale": np.ones((2, 1))},
        {"head.bias": np.zeros(1)},
        {"head.weight": np.full(4, np.inf, np.float32)},
        {"output.skip": np.zeros((3, 1), np.float32)},
        {"output.scale": np.array(np.inf)},
        {"latent.backbone.reflexive.w1": np.zeros((4, 5), np.float32)},
        {"latent.backbone.reflexive.w1": np.zeros((0, 0), np.float32)},
        {"latent.backbone.reflexive.b1": np.zeros((), np.float32)},
        {"latent.backbone.1.bottleneck.up_w": np.zeros(8, np.float32)},
        {"head.weight": np.zeros(5_000_000, np.float32)},
    ],
)
def test_arrays_that_make_no_adapter_are_refused(adapter, change):
    with pytest.raises(AdapterError):
        Adapter.from_arrays(adapter.to_arrays() | change)


@pytest.mark.parametrize("absent", ["alignment.shift", "head.bias", "output.scale"])
def test_a_part_with_an_array_missing_is_refused(adapter, absent):
    arrays = adapter.to_arrays()
    del arrays[absent]

    with pytest.raises(AdapterError, match="expected"):
        Adapter.from_arrays(arrays)


def test_two_latents_after_one_layer_are_refused(rng):
    first = Adapter(latents={"a": Reflexive.born(4, rng)}).to_arrays()
    second = Adapter(latents={"a": Bottleneck.born(4, rng)}).to_arrays()

    with pytest.raises(AdapterError, match="two latents after 'a'"):
        Adapter.from_arrays(first | second)


names = st.sampled_from(
    [
        "alignment.scale",
        "alignment.shift",
        "head.weight",
        "head.bias",
        "output.skip",
        "output.scale",
        "latent.a.bottleneck.gate",
        "latent.a.reflexive.w1",
        "latent..reflexive.w1",
    ]
) | st.text(max_size=8)
arrays = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int64, np.bool_]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
)


@given(st.dictionaries(names, arrays, max_size=5))
def test_any_arrays_are_an_adapter_or_an_adapter_error(named):
    try:
        adapter = Adapter.from_arrays(named)
    except AdapterError:
        return
    assert set(named) <= set(adapter.to_arrays())
