"""Fitted trees of scikit-learn as the plain arrays of an adapter's part."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from selfheal.model.adapter import Trees


def trees_of(grown: Sequence[Any], depth: int, learning_rate: float) -> Trees:
    """The trees as complete ones of this depth: a leaf higher up has its value at all below it.

    grown: scikit-learn's `Tree` of each regressor, none deeper than `depth`
    """
    inner = 2**depth - 1
    feature = np.zeros((len(grown), inner), dtype=np.int64)
    threshold = np.zeros((len(grown), inner), dtype=np.float32)
    leaf = np.zeros((len(grown), inner + 1), dtype=np.float32)
    for row, tree in enumerate(grown):
        source = np.zeros(2 * inner + 1, dtype=np.int64)  # node of `tree` at each place
        for place in range(inner):
            node = source[place]
            is_leaf = tree.children_left[node] < 0
            if not is_leaf:
                feature[row, place] = tree.feature[node]
                threshold[row, place] = _rounded_down(tree.threshold[node])
            source[2 * place + 1] = node if is_leaf else tree.children_left[node]
            source[2 * place + 2] = node if is_leaf else tree.children_right[node]
        leaf[row] = learning_rate * tree.value[source[inner:], 0, 0]
    return Trees(feature, threshold, leaf)


def _rounded_down(threshold: float) -> np.float32:
    """The greatest float32 that is not above: float32 values fall on the same side of both."""
    nearest = np.float32(threshold)
    return nearest if nearest <= threshold else np.nextafter(nearest, np.float32(-np.inf))
