"""Shifts of single classes, found and judged without a label."""

import numpy as np
import pytest

from healer.anchors import Anchors, anchors_of
from healer.class_gate import FEWEST_ROWS, judged_by_classes
from healer.class_shifts import fit_class_shifts
from healer.label_free import label_free_heal
from healer.policy import Serving
from healer.policy_settings import HealingSettings
from healer.regime import Regime as StoredRegime
from producer.operators import everyone, flip, legit_only, prior, sign_flips
from producer.regimes import G2, V14, Regime
from selfheal.model.adapter import Adapter, Output
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from tests.healer.rows import rows_of

ANCHORS = Anchors(np.stack([G2.mu0, G2.mu1]), np.stack([G2.sd0, G2.sd1]), G2.pi)
TURNED = sign_flips(legit_only(G2, 1.1), range(4))


def drawn(regime: Regime, rows: int, seed: int = 900):
    return regime.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows))


def test_known_shifts_are_found_and_no_others():
    found = fit_class_shifts(drawn(TURNED, 4_000).values, ANCHORS)[0]

    expected = np.zeros((2, 10))
    expected[0, V14], expected[1, :4] = -1.1, -2.0 * G2.mu1[:4]
    np.testing.assert_allclose(found.anchors.mean - ANCHORS.mean, expected, atol=0.2)
    assert found.anchors.prior == pytest.approx(0.15, abs=0.05)


def test_frauds_that_crossed_to_the_other_side_are_found_from_there():
    found = fit_class_shifts(drawn(flip(G2), 4_000).values, ANCHORS)[0]

    expected = np.zeros((2, 10))
    expected[1, V14] = 5.0
    np.testing.assert_allclose(found.anchors.mean - ANCHORS.mean, expected, atol=0.2)


def test_a_missing_value_counts_for_nothing():
    values = drawn(TURNED, 2_000).values
    values[::3, V14] = np.nan
    found = fit_class_shifts(values, ANCHORS)[0]

    assert found.anchors.mean[0, V14] == pytest.approx(-1.1, abs=0.2)
    assert np.isfinite(found.likelihood)


@pytest.mark.parametrize("seed", range(900, 905))
def test_rows_that_did_not_move_are_explained_without_a_shift_that_matters(seed):
    found = fit_class_shifts(drawn(G2, 4_000, seed).values, ANCHORS)[0]

    np.testing.assert_allclose(found.anchors.mean, ANCHORS.mean, atol=0.2)


@pytest.mark.parametrize("regime", [TURNED, flip(G2), sign_flips(G2, range(4))])
def test_what_moved_one_class_is_healed_nearly_as_well_as_can_be(g2_model, regime):
    rows, fresh = drawn(regime, 1_000), drawn(regime, 10_000, seed=901)

    found = judged_by_classes(rows.values, g2_model, anchors_of(g2_model))

    assert found.is_apart
    healed = compile_model(g2_model, found.adapter).score(fresh.values).score
    best = measure(fresh.labels, fresh.probabilities)
    assert measure(fresh.labels, healed).accuracy > best.accuracy - 0.01
    assert measure(fresh.labels, healed).f1 > best.f1 - 0.05


@pytest.mark.parametrize("rows", [300, 1_000, 4_000])
def test_where_too_little_signal_is_left_nothing_is_published(g2_model, rows):
    found = judged_by_classes(
        drawn(legit_only(G2, 2.2), rows).values, g2_model, anchors_of(g2_model)
    )

    assert found.adapter is None
    assert found.is_lost
    assert found.reason in ("signal_lost", "fraud_may_have_vanished")


@pytest.mark.parametrize("regime", [G2, everyone(G2, 2.2), prior(G2, 0.05), prior(G2, 0.4)])
@pytest.mark.parametrize("rows", [FEWEST_ROWS, 1_000])
def test_what_one_map_explains_is_left_to_it(g2_model, regime, rows):
    assert judged_by_classes(drawn(regime, rows).values, g2_model, anchors_of(g2_model)) is None


def test_few_rows_are_left_to_others(g2_model):
    values = drawn(TURNED, FEWEST_ROWS - 1).values

    assert judged_by_classes(values, g2_model, anchors_of(g2_model)) is None


def test_the_heal_gets_a_regime_of_its_own(g2_model):
    rows = rows_of(drawn(TURNED, 1_000).values)

    found = label_free_heal(
        g2_model, Serving(threshold=g2_model.threshold), None, rows, HealingSettings()
    )

    regime = StoredRegime.read({k: np.asarray(v) for k, v in found.regime.items()})
    assert regime.quantiles.shape == (10, 129)
    assert found.adapter.alignment is None


@pytest.mark.parametrize(("quantiles", "is_kept"), [(None, True), (np.zeros((10, 129)), False)])
def test_what_labels_taught_serves_behind_the_next_alignment_unless_its_rows_were_apart(
    g2_model, quantiles, is_kept
):
    learned = Adapter(output=Output(0.1, -1.0, np.ones(10, dtype=np.float32)))
    taught = StoredRegime(0.15, 1_000, 0, quantiles, is_taught=True)
    stored = {name: np.asarray(value) for name, value in taught.stored().items()}
    serving = Serving(
        version="v1", epoch=2, adapter=learned, threshold=g2_model.threshold, regime=stored
    )
    rows = rows_of(drawn(everyone(G2, 2.2), 1_000).values)

    found = label_free_heal(g2_model, serving, taught, rows, HealingSettings())

    assert found.adapter.alignment is not None
    assert (found.adapter.output == learned.output) == is_kept
    assert found.regime["is_taught"] == is_kept
