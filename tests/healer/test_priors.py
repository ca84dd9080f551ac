import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from scipy.stats import norm

from healer.priors import estimate_prior, prior_shift

TRAINED = 0.15


def scores_of(rng, prior: float, rows: int = 20_000) -> np.ndarray:
    """Exact logits of two normal classes under the trained prior, of a stream with another one."""
    is_fraud = rng.random(rows) < prior
    x = rng.normal(np.where(is_fraud, -2.5, 0.0))
    return norm.logpdf(x, -2.5) - norm.logpdf(x) + logit(TRAINED)


@pytest.mark.parametrize("prior", [0.02, 0.05, 0.15, 0.40, 0.8])
def test_the_share_of_frauds_is_found_where_only_the_prior_moved(rng, prior):
    found = estimate_prior(scores_of(rng, prior), TRAINED)

    assert found == pytest.approx(prior, abs=0.012)


def test_it_is_the_share_that_makes_the_scores_most_likely(rng):
    logits = scores_of(rng, 0.35, rows=2_000)
    ratio = np.exp(logits - logit(TRAINED))  # p(x | fraud) / p(x | legitimate)

    best = minimize_scalar(
        lambda p: -np.log(p * ratio + 1 - p).sum(), bounds=(1e-6, 1 - 1e-6), method="bounded"
    )

    assert estimate_prior(logits, TRAINED) == pytest.approx(best.x, abs=1e-3)


def test_no_rows_have_no_prior():
    assert np.isnan(estimate_prior(np.array([]), TRAINED))


def test_scores_that_are_all_certain_stay_within_the_open_interval():
    assert 0.0 < estimate_prior(np.full(100, -50.0), TRAINED) < 0.01
    assert 0.99 < estimate_prior(np.full(100, 50.0), TRAINED) < 1.0


def test_the_shift_turns_a_score_under_one_prior_into_that_under_another():
    score = expit(logit(0.3) + prior_shift(0.4, TRAINED))

    odds = (0.3 / 0.7) * (0.4 / 0.6) / (0.15 / 0.85)
    assert score == pytest.approx(odds / (1 + odds))


def test_a_prior_of_none_or_of_all_has_a_finite_shift():
    assert np.isfinite(prior_shift(0.0, TRAINED))
    assert np.isfinite(prior_shift(1.0, TRAINED))
