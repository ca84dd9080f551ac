"""The likeliest maps and share of frauds, on rows whose map is known."""

import numpy as np
import pytest

from healer.anchored_alignment import (
    Maps,
    fit_anchored,
    log_likelihoods,
    without_fraud,
)
from healer.anchors import Anchors
from producer.operators import affine, everyone, legit_only, prior
from producer.regimes import G2

ANCHORS = Anchors(np.stack([G2.mu0, G2.mu1]), np.stack([G2.sd0, G2.sd1]), G2.pi)
V14 = 7


def drawn(regime, rows, seed=900):
    return regime.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows)).values


def test_rows_that_did_not_drift_are_explained_by_nothing():
    found = fit_anchored(drawn(G2, 500), ANCHORS)

    assert found.freedom == 0
    assert (found.maps.scale == 1.0).all()
    assert (found.maps.shift == 0.0).all()
    assert found.prior == G2.pi


def test_a_shift_of_one_feature_moves_that_one_alone_and_back():
    found = fit_anchored(drawn(everyone(G2, 2.2), 500), ANCHORS)

    assert np.flatnonzero(found.moved).tolist() == [V14]
    assert found.maps.shift[V14] == pytest.approx(2.2, abs=0.2)
    assert found.maps.scale[V14] == pytest.approx(1.0, abs=0.1)
    assert not found.is_prior_moved


def test_units_and_zeros_of_all_features_are_undone_together(rng):
    scale, shift = np.exp(rng.uniform(-6, 6, 10)), rng.uniform(-1e3, 1e3, 10)

    found = fit_anchored(drawn(affine(G2, scale, shift), 2_000), ANCHORS)

    np.testing.assert_allclose(found.maps.scale * scale, 1.0, atol=0.08)
    np.testing.assert_allclose(found.maps.scale * shift + found.maps.shift, 0.0, atol=0.25)


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_another_share_of_frauds_is_found_with_and_without_a_shift(share):
    alone = fit_anchored(drawn(prior(G2, share), 1_000), ANCHORS)
    both = fit_anchored(drawn(prior(everyone(G2, 2.2), share), 1_000), ANCHORS)

    assert not alone.moved.any()
    assert np.flatnonzero(both.moved).tolist() == [V14]
    assert (alone.prior, both.prior) == pytest.approx((share, share), abs=0.03)


def test_missing_values_are_left_out(rng):
    values = drawn(everyone(G2, 2.2), 1_000)
    values[rng.random(values.shape) < 0.3] = np.nan
    values[:, 2] = np.nan

    found = fit_anchored(values, ANCHORS)

    assert np.flatnonzero(found.moved).tolist() == [V14]
    assert found.maps.shift[V14] == pytest.approx(2.2, abs=0.25)


def test_the_density_of_mapped_rows_counts_the_stretch():
    values = drawn(G2, 50)
    tenfold = Maps(np.full(10, 0.1), np.zeros(10))

    found = log_likelihoods(10.0 * values, tenfold, G2.pi, ANCHORS)

    expected = ANCHORS.log_likelihoods(values, G2.pi) - 10 * np.log(10.0)
    np.testing.assert_allclose(found, expected)


def test_no_fraud_at_all_explains_a_lost_signal_as_well_and_a_shift_much_worse():
    margins = []
    for regime in (everyone(G2, 2.2), legit_only(G2, 2.2)):
        values = drawn(regime, 500)
        found = fit_anchored(values, ANCHORS)
        without = without_fraud(values, found, ANCHORS, share=0.003)
        margins.append(found.likelihood - without.likelihood)

    shifted, lost = margins
    assert shifted > 20.0
    assert lost < 2.0
