"""Boosted trees as a part: every row finds its leaves, and nothing that does not fit is served."""

import numpy as np
import pytest

from registry.signature import Signer, Verifier, new_key
from registry.snapshot import HealingWindow, Snapshot, SnapshotInfo, dump_snapshot, parse_snapshot
from selfheal.model.adapter import Adapter, InputAlignment, Output
from selfheal.model.compiled import compile_model
from selfheal.model.errors import AdapterError
from selfheal.model.probability import LOGIT_LIMIT
from selfheal.model.torch_compiled import compile_torch
from selfheal.model.trees import MAX_DEPTH, Trees


def random_trees(rng, trees=7, depth=3, columns=4):
    inner = 2**depth - 1
    return Trees(
        feature=rng.integers(0, columns, (trees, inner)),
        threshold=rng.normal(size=(trees, inner)),
        leaf=rng.normal(size=(trees, inner + 1)),
    )


def walked(trees, row):
    """What one row (d + 1,) collects, node by node as the docstring tells it."""
    total = np.float32(0.0)
    inner = trees.feature.shape[1]
    for feature, threshold, leaf in zip(trees.feature, trees.threshold, trees.leaf, strict=True):
        node = 0
        while node < inner:
            node = 2 * node + (1 if row[feature[node]] <= threshold[node] else 2)
        total += leaf[node - inner]
    return total


@pytest.fixture
def trees(model, rng):
    """Reading every column of the small model, its logit included."""
    return random_trees(rng, columns=model.encoder.width + 1)


def with_columns(columns):
    return Adapter(trees=Trees(np.full((1, 1), columns - 1), np.zeros((1, 1)), np.ones((1, 2))))


@pytest.mark.parametrize("depth", range(1, MAX_DEPTH + 1))
def test_a_row_collects_the_leaves_that_it_reaches(rng, depth):
    trees = random_trees(rng, depth=depth)
    encoded, logit = rng.normal(size=(50, 3)), rng.normal(size=50)

    found = trees.sums(encoded, logit)

    rows = np.column_stack([encoded, logit])
    np.testing.assert_allclose(found, [walked(trees, row) for row in rows], rtol=1e-5, atol=1e-6)


def test_a_value_that_equals_the_threshold_goes_left():
    stump = Trees(np.array([[0]]), np.array([[0.1]]), np.array([[1.0, 2.0]]))
    at = np.float32(0.1)
    around = np.array([np.nextafter(at, np.float32(0)), at, np.nextafter(at, np.float32(1))])

    found = stump.sums(around[:, None], np.zeros(3, np.float32))

    np.testing.assert_array_equal(found, [1.0, 1.0, 2.0])


def test_the_column_after_the_features_is_the_logit():
    stump = Trees(np.array([[2]]), np.array([[0.0]]), np.array([[-1.0, 1.0]]))

    found = stump.sums(np.zeros((3, 2)), np.array([-5.0, 0.0, 5.0]))

    np.testing.assert_array_equal(found, [-1.0, -1.0, 1.0])


def test_no_rows_and_no_trees_add_nothing(rng):
    none = Trees(np.zeros((0, 1)), np.zeros((0, 1)), np.zeros((0, 2)))

    assert random_trees(rng).sums(np.zeros((0, 3)), np.zeros(0)).shape == (0,)
    np.testing.assert_array_equal(none.sums(np.ones((5, 3)), np.ones(5)), np.zeros(5))
    assert (none.is_identity, none.columns) == (True, 0)


def test_trees_whose_leaves_are_all_zero_are_the_identity(model, values, trees):
    silent = Adapter(trees=Trees(trees.feature, trees.threshold, np.zeros_like(trees.leaf)))

    scores = compile_model(model, silent).score(values)

    assert compile_model(model, silent).is_identity
    assert scores.logit is scores.base_logit


def test_the_model_adds_the_trees_to_the_corrected_logit(model, values, trees):
    output = Output(0.5, 1.0, np.linspace(-1, 1, model.encoder.width))
    alignment = InputAlignment(np.array([0.5, 3.0]), np.array([-1.0, 4.0]))
    aligned = Adapter(alignment=alignment)
    before = compile_model(model, aligned).score(values)
    encoded = model.encoder.encode(before.aligned)

    found = compile_model(model, Adapter(alignment=alignment, output=output, trees=trees))

    expected = 0.5 * before.logit + 1.0 + encoded @ output.skip + trees.sums(encoded, before.logit)
    np.testing.assert_allclose(found.score(values).logit, expected, atol=1e-4)
    np.testing.assert_array_equal(found.score(values).base_logit, before.base_logit)


def test_numpy_and_torch_serve_the_same_trees(model, values, trees):
    adapter = Adapter(output=Output(0.0, -1.0), trees=trees)

    ours, torchs = (compiled(model, adapter) for compiled in (compile_model, compile_torch))

    np.testing.assert_allclose(ours.score(values).logit, torchs.score(values).logit, atol=1e-4)
    assert (ours.is_identity, torchs.is_identity) == (False, False)


@pytest.mark.parametrize("compiled", [compile_model, compile_torch])
def test_no_rows_give_no_scores(model, compiled, trees):
    assert compiled(model, Adapter(trees=trees)).score(np.empty((0, 3))).logit.shape == (0,)


@pytest.mark.parametrize("wild", [1e30, -1e30, 1e39, -1e200])
def test_rows_too_large_for_float32_get_finite_logits_and_change_no_other_row(
    model, values, trees, wild
):
    compiled = compile_model(model, Adapter(output=Output(0.0, 0.5), trees=trees))
    calm = compiled.score(values).logit
    values = values.copy()
    values[7] = [wild, 0.0, wild]

    found = compiled.score(values).logit

    assert np.abs(found).max() <= LOGIT_LIMIT
    np.testing.assert_array_equal(np.delete(found, 7), np.delete(calm, 7))


def test_a_row_too_large_for_float32_ends_in_its_outermost_leaf(model, values):
    amount = int(np.flatnonzero(np.abs(model.encoder.encode(values[:1] * [[1, 1, 1e9]])) > 1e6)[0])
    stump = Trees(np.array([[amount]]), np.array([[1e9]]), np.array([[-2.0, 3.0]]))
    compiled = compile_model(model, Adapter(output=Output(0.0, 0.0), trees=stump))

    found = compiled.score(np.array([[0.0, 0.0, 1e39], [0.0, 0.0, -1e39]])).logit

    np.testing.assert_array_equal(found, [3.0, -2.0])


def test_arrays_round_trip(trees):
    arrays = Adapter(trees=trees).to_arrays()

    again = Adapter.from_arrays(arrays).to_arrays()

    assert sorted(arrays) == ["trees.feature", "trees.leaf", "trees.threshold"]
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array, strict=True)


def test_a_signed_snapshot_brings_the_trees_bit_by_bit(model, values, trees):
    window = HealingWindow(1_000, 2_000, 500, 50)
    info = SnapshotInfo("v1", "base", model.hash, "selfheal", "labels", window, 0.5, 9_000, {}, ())
    pair = new_key()
    adapter = Adapter(output=Output(0.0, 0.1), trees=trees)

    value = dump_snapshot(Snapshot(info, adapter, {}))
    headers = Signer.from_pem(pair.private_pem).sign("snapshot/v1", value)
    Verifier.from_pems([pair.public_pem]).verify("snapshot/v1", value, headers)
    again = parse_snapshot(value).adapter

    served = compile_model(model, adapter).score(values).logit
    np.testing.assert_array_equal(compile_model(model, again).score(values).logit, served)


@pytest.mark.parametrize(
    ("feature", "threshold", "leaf"),
    [
        ((2, 3), (2, 3), (2, 3)),
        ((2, 3), (2, 2), (2, 4)),
        ((2, 3), (2, 3), (1, 4)),
        ((3,), (3,), (4,)),
        ((2, 2), (2, 2), (2, 3)),
        ((2, 0), (2, 0), (2, 1)),
        ((1, 2 ** (MAX_DEPTH + 1) - 1), (1, 2 ** (MAX_DEPTH + 1) - 1), (1, 2 ** (MAX_DEPTH + 1))),
    ],
)
def test_other_shapes_than_complete_trees_are_refused(feature, threshold, leaf):
    with pytest.raises(AdapterError):
        Trees(np.zeros(feature), np.zeros(threshold), np.zeros(leaf))


def test_a_negative_column_is_refused():
    with pytest.raises(AdapterError, match="negative column"):
        Trees(np.array([[0, -1, 0]]), np.zeros((1, 3)), np.zeros((1, 4)))


@pytest.mark.parametrize("name", ["trees.threshold", "trees.leaf"])
@pytest.mark.parametrize("number", [np.nan, np.inf, 1e13])
def test_numbers_without_measure_are_refused(trees, name, number):
    arrays = Adapter(trees=trees).to_arrays()
    arrays[name] = arrays[name].copy()
    arrays[name][0, 0] = number

    with pytest.raises(AdapterError, match="not finite"):
        Adapter.from_arrays(arrays)


@pytest.mark.parametrize("dtype", [np.int32, np.float32, np.float64])
def test_columns_of_another_type_are_refused(trees, dtype):
    arrays = Adapter(trees=trees).to_arrays()

    with pytest.raises(AdapterError, match="int64"):
        Adapter.from_arrays(arrays | {"trees.feature": arrays["trees.feature"].astype(dtype)})


@pytest.mark.parametrize("compiled", [compile_model, compile_torch])
def test_a_column_beyond_the_logit_is_refused_and_the_logit_is_not(model, values, compiled):
    width = model.encoder.width

    compiled(model, with_columns(width + 1)).score(values)
    with pytest.raises(AdapterError, match=f"trees read {width + 2} columns"):
        compiled(model, with_columns(width + 2))
