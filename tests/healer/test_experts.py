"""What is learned from labels, by every method on every horizon."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.ensemble import GradientBoostingClassifier

from healer.experts import Correction, Lesson, blend_of, fit_experts, skip_expert, tree_expert
from selfheal.model.adapter import Adapter, Output
from selfheal.model.correction import corrected


def lesson(rng, rows, truth=lambda x: 3.0 * x[:, 0] * x[:, 1] - 1.0):
    """Labels that follow a product, which no line through the features can tell."""
    encoded = rng.normal(size=(rows, 4)).astype(np.float32).astype(np.float64)
    logit = (2.0 * encoded[:, 2]).astype(np.float32).astype(np.float64)
    label = (rng.random(rows) < expit(truth(encoded))).astype(np.float64)
    return Lesson(encoded, logit, label)


def said(correction, of):
    """Logits of these rows after the correction."""
    adapter = Adapter(output=correction.output, trees=correction.trees)
    return corrected(of.logit.astype(np.float32), of.encoded.astype(np.float32), adapter)


def accuracy(correction, of):
    return float(((said(correction, of) > 0) == (of.label > 0)).mean())


def test_trees_say_what_boosting_says(rng):
    taught, fresh = lesson(rng, 400), lesson(rng, 1_000)

    found = said(tree_expert(taught, seed=5), fresh)

    boosted = GradientBoostingClassifier(
        n_estimators=50,
        learning_rate=0.1,
        max_depth=4,
        min_samples_leaf=5,
        subsample=0.7,
        random_state=5,
    ).fit(np.column_stack([taught.encoded, taught.logit]), taught.label)
    expected = boosted.decision_function(np.column_stack([fresh.encoded, fresh.logit]))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_trees_find_a_relation_that_a_linear_correction_cannot(rng):
    taught, fresh = lesson(rng, 2_000), lesson(rng, 5_000)

    assert accuracy(tree_expert(taught, 0), fresh) > accuracy(skip_expert(taught), fresh) + 0.1


def test_a_blend_is_the_mean_of_its_halves(rng):
    taught, fresh = lesson(rng, 300), lesson(rng, 500)
    linear, grown = skip_expert(taught), tree_expert(taught, 0)

    blend = said(blend_of(linear, grown), fresh)

    np.testing.assert_allclose(blend, 0.5 * (said(linear, fresh) + said(grown, fresh)), atol=1e-4)


@pytest.mark.parametrize("halves", [(Correction(), Correction()), (Correction(Output()),) * 2])
def test_a_blend_of_anything_else_is_refused(halves):
    with pytest.raises(ValueError, match="both of its halves"):
        blend_of(*halves)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (19, set()),
        (100, {"skip@300", "trees@300", "blend@300"}),
        (300, {"skip@300", "trees@300", "blend@300"}),
        (
            500,
            {"skip@300", "trees@300", "blend@300", "skip@2000", "trees@2000", "blend@2000"},
        ),
    ],
)
def test_a_longer_horizon_competes_once_there_are_labels_for_it(rng, labels, names):
    assert set(fit_experts(lesson(rng, labels), seed=0)) == names


def test_a_short_horizon_learns_from_the_newest_labels_alone(rng):
    old, new = lesson(rng, 700, lambda x: 4.0 * x[:, 0]), lesson(rng, 300, lambda x: -4.0 * x[:, 0])
    both = Lesson(
        np.concatenate([old.encoded, new.encoded]),
        np.concatenate([old.logit, new.logit]),
        np.concatenate([old.label, new.label]),
    )
    fresh = lesson(rng, 2_000, lambda x: -4.0 * x[:, 0])

    experts = fit_experts(both, seed=0)

    assert accuracy(experts["skip@300"], fresh) > 0.85
    assert accuracy(experts["skip@2000"], fresh) < 0.6


@pytest.mark.parametrize("frauds", [0, 2, 38, 40])
def test_a_class_with_next_to_no_labels_teaches_nothing(rng, frauds):
    rows = lesson(rng, 40)
    few = Lesson(rows.encoded, rows.logit, np.r_[np.ones(frauds), np.zeros(40 - frauds)])

    assert not few.is_enough
    assert fit_experts(few, seed=0) == {}


def test_the_newest_rows_are_the_last_and_all_where_there_are_fewer(rng):
    rows = lesson(rng, 50)

    np.testing.assert_array_equal(rows.newest(10).encoded, rows.encoded[40:])
    np.testing.assert_array_equal(rows.newest(90).label, rows.label)
    assert len(rows.newest(0).label) == 0
