"""Rows that a known map has moved are brought back, whichever features it moved and wherever to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.healing.map_drifts import MAPS, moved, slowly
from bench.healing.sources import drawn_and_trained
from healer.alignment import fit_alignment
from healer.label_free import backbone_logits
from selfheal.model.schema import Numeric, Schema
from selfheal.model.training import train

PRIOR = 0.15
ROWS = 2_000
SCHEMA = Schema(tuple(Numeric(name) for name in ("amount", "speed", "age", "noise")))

SCALE = st.floats(np.log(0.02), np.log(50.0)).map(np.exp).map(float)
SHIFT = st.floats(-20.0, 20.0)  # in interquartile ranges of the clean feature
MOVES = st.dictionaries(st.integers(0, 3), st.tuples(SCALE, SHIFT), max_size=2)


def drawn(rng: np.random.Generator, rows: int, prior: float = PRIOR):
    """Skewed, heavy-tailed, two-humped and uniform features: none is normal within a class."""
    is_fraud = rng.random(rows) < prior
    move = is_fraud.astype(float)
    columns = (
        rng.lognormal(3.0 + 1.2 * move, 0.8),
        4.0 * move + rng.standard_t(3, rows),
        rng.gamma(2.0, 1.0, rows) + np.where(rng.random(rows) < 0.5, 0.0, 9.0) - 3.0 * move,
        rng.uniform(0.0, 1.0, rows),
    )
    return np.column_stack(columns), is_fraud.astype(np.int8)


CLEAN, LABELS = drawn(np.random.default_rng(900), 8_000)
IQR = np.subtract(*np.quantile(CLEAN, [0.75, 0.25], axis=0))


@pytest.fixture(scope="module")
def skewed_model():
    return train(SCHEMA, CLEAN, LABELS, seed=0, epochs=6)


@settings(max_examples=20)
@given(moves=MOVES, seed=st.integers(0, 2**32 - 1))
def test_any_affine_map_of_some_features_is_undone(skewed_model, moves, seed):
    rng = np.random.default_rng(seed)
    scale, shift = np.ones(4), np.zeros(4)
    for feature, (by, ranges) in moves.items():
        scale[feature], shift[feature] = by, ranges * IQR[feature] * by
    values, _ = drawn(rng, ROWS)

    found = fit_alignment(values * scale + shift, skewed_model, backbone_logits(skewed_model))

    # what is left of the map, on a scale on which the clean feature has a spread of 1
    left_scale, left_shift = found.map.scale * scale, found.map.scale * shift + found.map.shift
    middle = np.median(values, axis=0)
    moved_by = np.abs((left_scale - 1.0) * middle + left_shift) / IQR
    np.testing.assert_allclose(left_scale, 1.0, atol=0.15)
    assert (moved_by < 0.15).all()


@pytest.mark.parametrize("share", [0.05, 0.15, 0.40])
def test_another_share_of_frauds_moves_no_feature(skewed_model, share):
    values, _ = drawn(np.random.default_rng(901), ROWS, share)

    found = fit_alignment(values, skewed_model, backbone_logits(skewed_model))

    assert not found.moved.any()
    assert found.score_prior == pytest.approx(share, abs=0.03)


def test_on_a_ramp_what_maps_leave_is_not_taken_for_another_share_of_frauds():
    """Rows at the end of a ramp, which no one map brings back; their share of frauds is the old."""
    rows = 20_000
    clean, model = drawn_and_trained("skewed", seed=902, rows=rows)
    mapping = MAPS["ramp"](clean, np.random.default_rng([902, 1]))
    values = moved(clean, mapping, slowly(rows))[12_500:14_000]

    found = fit_alignment(values, model, backbone_logits(model))

    assert found.moved.any()
    assert not found.is_prior_moved


@pytest.mark.parametrize("share", [0.04, 0.45])
def test_another_share_of_frauds_is_seen_though_features_moved_as_well(skewed_model, share):
    values, _ = drawn(np.random.default_rng(902), ROWS, share)
    mapped = values * np.array([1.0, 1.0, 1.0, 3.0]) + np.array([0.0, 5.0, 0.0, 0.0])

    found = fit_alignment(mapped, skewed_model, backbone_logits(skewed_model))

    assert found.is_prior_moved
    assert found.score_prior == pytest.approx(share, abs=0.05)
