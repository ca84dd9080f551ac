import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from selfheal.model.metrics import always_majority, average_precision, log_losses, measure


@pytest.fixture
def scored(rng):
    """Labels and scores with ties."""
    labels = rng.random(500) < 0.2
    return labels, np.round(np.clip(0.3 * labels + rng.random(500) * 0.7, 0, 1), 2)


def test_every_figure_equals_scikit_learn_s(scored):
    labels, scores = scored

    found = measure(labels, scores, threshold=0.4)

    called = scores >= 0.4
    assert found.accuracy == pytest.approx(sk.accuracy_score(labels, called))
    assert found.precision == pytest.approx(sk.precision_score(labels, called))
    assert found.recall == pytest.approx(sk.recall_score(labels, called))
    assert found.f1 == pytest.approx(sk.f1_score(labels, called))
    assert found.auc_pr == pytest.approx(sk.average_precision_score(labels, scores))
    assert found.log_loss == pytest.approx(sk.log_loss(labels, scores))
    tn, fp, fn, tp = sk.confusion_matrix(labels, called).ravel().tolist()
    assert (found.tn, found.fp, found.fn, found.tp) == (tn, fp, fn, tp)


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])), min_size=1
    ).filter(lambda rows: any(label for label, _ in rows))
)
def test_average_precision_treats_ties_as_scikit_learn_does(rows):
    labels, scores = zip(*rows, strict=True)

    assert average_precision(labels, scores) == pytest.approx(
        sk.average_precision_score(labels, scores)
    )


def test_no_rows_leave_every_ratio_undefined():
    found = measure([], [])

    assert found.rows == 0
    ratios = (found.accuracy, found.precision, found.recall, found.f1, found.auc_pr, found.log_loss)
    assert np.isnan(ratios).all()


def test_without_a_fraud_recall_and_average_precision_are_undefined_and_accuracy_is_not():
    found = measure([0, 0], [0.1, 0.9])

    assert np.isnan(found.recall)
    assert np.isnan(found.auc_pr)
    assert found.accuracy == 0.5


def test_precision_is_undefined_when_nothing_is_called_fraud():
    found = measure([0, 1], [0.1, 0.2])

    assert np.isnan(found.precision)
    assert found.f1 == 0.0


def test_a_row_at_the_threshold_is_called_fraud():
    assert measure([1], [0.5], threshold=0.5).tp == 1


def test_a_certain_and_wrong_score_has_a_finite_loss():
    losses = log_losses([1, 0], [0.0, 1.0])

    assert np.isfinite(losses).all()
    assert sk.log_loss([1, 0], [0.0, 1.0]) == pytest.approx(losses.mean())


def test_always_majority_scores_the_prior_and_calls_the_larger_class(rng):
    labels = rng.random(1_000) < 0.15

    found = always_majority(labels, fraud_share=0.15)

    assert found.accuracy == pytest.approx(1 - labels.mean())
    assert found.recall == 0.0
    assert found.auc_pr == pytest.approx(labels.mean())
    assert found.log_loss == pytest.approx(sk.log_loss(labels, np.full(1_000, 0.15)))


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="2 labels and 1 probabilities"):
        measure([0, 1], [0.5])
