"""What the likelihood publishes, what it refuses, and where it does not judge."""

import numpy as np
import pytest

from healer.anchored_alignment import Maps
from healer.anchored_gate import judged_by_likelihood
from healer.anchors import Anchors
from producer.operators import everyone, flip, legit_only, prior, sign_flips
from producer.regimes import G2

ANCHORS = Anchors(np.stack([G2.mu0, G2.mu1]), np.stack([G2.sd0, G2.sd1]), G2.pi)
NOTHING = Maps.identity(10)
V14 = 7


def drawn(regime, rows, seed=900):
    return regime.draw(np.random.default_rng(seed), np.arange(rows), np.zeros(rows)).values


def judged(regime, rows, served=NOTHING, prior=G2.pi):
    return judged_by_likelihood(drawn(regime, rows), ANCHORS, served, prior)


def test_a_hundred_rows_are_enough_for_a_shift():
    found = judged(everyone(G2, 2.2), 100)

    assert (found.reason, found.rows) == ("fits_unseen_rows", 100)
    assert found.adapter.alignment.shift[V14] == pytest.approx(2.2, abs=0.5)
    assert found.adapter.output is None


def test_another_share_of_frauds_alone_moves_the_logit_and_no_feature():
    found = judged(prior(G2, 0.05), 1_000)

    assert found.adapter.alignment is None
    assert found.adapter.output.shift == pytest.approx(-1.2, abs=0.4)
    assert found.prior == pytest.approx(0.05, abs=0.02)


def test_rows_that_did_not_drift_are_refused():
    assert judged(G2, 500).reason == "no_better"


def test_what_serves_already_is_not_published_again():
    back = Maps(np.ones(10), np.where(np.arange(10) == V14, 2.2, 0.0))

    assert judged(everyone(G2, 2.2), 500, served=back).reason == "no_better"


@pytest.mark.parametrize(
    "broken", [legit_only(G2, 2.2), flip(G2), sign_flips(legit_only(G2, 1.1), range(4))]
)
@pytest.mark.parametrize("rows", [100, 300, 1_000])
def test_a_lost_signal_is_refused_and_told(broken, rows):
    found = judged(broken, rows)

    assert found.adapter is None
    assert found.is_lost


def test_all_but_fraud_is_not_believed():
    found = judged(prior(G2, 0.9), 500)

    assert (found.reason, found.is_lost) == ("too_much_fraud", True)


def test_rows_of_another_shape_are_left_to_ranks():
    rows = np.random.default_rng(900).standard_t(df=3, size=(2_000, 10))

    assert judged_by_likelihood(rows, ANCHORS, NOTHING, G2.pi) is None
