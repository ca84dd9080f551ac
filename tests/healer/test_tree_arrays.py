"""The arrays say of every float32 row, to its last bit, what scikit-learn's own trees say."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier

from healer.tree_arrays import trees_of

DEPTH, RATE, COLUMNS = 4, 0.1, 5


def grown(rng, rows=400, leaf_rows=5):
    """Trees boosted on float32 rows; few rows a leaf make full trees, many make stunted ones."""
    x = rng.normal(size=(rows, COLUMNS)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] + 0.5 * rng.normal(size=rows) > 0).astype(int)
    boosted = GradientBoostingClassifier(
        n_estimators=20,
        learning_rate=RATE,
        max_depth=DEPTH,
        min_samples_leaf=leaf_rows,
        random_state=0,
    )
    return boosted.fit(x, y)


def arrays_of(boosted):
    return trees_of([each.tree_ for each in boosted.estimators_[:, 0]], DEPTH, RATE)


def start_of(boosted):
    share = boosted.init_.class_prior_[1]
    return np.log(share / (1.0 - share))


def logits(boosted, x):
    """Of rows (n, COLUMNS), the last one of which stands in the logit's place."""
    return start_of(boosted) + arrays_of(boosted).sums(x[:, :-1], x[:, -1])


@pytest.fixture(params=[5, 60], ids=["full", "stunted"])
def boosted(rng, request):
    return grown(rng, leaf_rows=request.param)


def test_fresh_rows_get_the_decision_function(rng, boosted):
    x = rng.normal(size=(2_000, COLUMNS)).astype(np.float32)

    np.testing.assert_allclose(logits(boosted, x), boosted.decision_function(x), atol=1e-5)


def test_rows_exactly_at_every_threshold_and_next_to_it_fall_on_the_same_side(rng, boosted):
    nodes = [
        (feature, np.float32(threshold))
        for each in boosted.estimators_[:, 0]
        for feature, threshold in zip(each.tree_.feature, each.tree_.threshold, strict=True)
        if feature >= 0
    ]
    x = rng.normal(size=(3 * len(nodes), COLUMNS)).astype(np.float32)
    for place, (feature, at) in enumerate(nodes):
        low, high = (np.nextafter(at, np.float32(end)) for end in (-np.inf, np.inf))
        x[3 * place : 3 * place + 3, feature] = low, at, high

    np.testing.assert_allclose(logits(boosted, x), boosted.decision_function(x), atol=1e-5)


def test_a_leaf_higher_up_has_its_value_at_all_places_below_it(rng):
    boosted = grown(rng, leaf_rows=150)
    depths = [each.tree_.max_depth for each in boosted.estimators_[:, 0]]

    trees = arrays_of(boosted)

    assert max(depths) < DEPTH
    assert all(
        len(np.unique(leaf)) <= 2**depth for leaf, depth in zip(trees.leaf, depths, strict=True)
    )


def test_a_tree_that_could_not_split_at_all_gives_its_one_value_to_every_row(rng):
    boosted = grown(rng, rows=60, leaf_rows=31)

    found = logits(boosted, rng.normal(size=(50, COLUMNS)).astype(np.float32))

    assert arrays_of(boosted).leaf.shape == (20, 2**DEPTH)
    np.testing.assert_allclose(found, start_of(boosted), atol=1e-5)


def test_no_trees_add_nothing():
    np.testing.assert_array_equal(trees_of([], DEPTH, RATE).sums(np.ones((3, 2)), np.ones(3)), 0.0)
