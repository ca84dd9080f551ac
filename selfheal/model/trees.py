"""Boosted trees as an adapter's part: a correction of the logit that no linear one can make.

Plain arrays of complete binary trees, so that a row walks down all of them by index arithmetic and
nothing executable travels in a snapshot.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from selfheal.model.arrays import AnyArray, Float32, Int64
from selfheal.model.errors import AdapterError
from selfheal.model.part_checks import freeze, require_shapes

MAX_DEPTH = 8


@dataclass(frozen=True, slots=True, eq=False)
class Trees:
    """t complete binary trees of one depth D, whose leaves are added to the logit.

    A row reads its d encoded aligned features, and in column d the logit as it comes out of the
    network. At an inner node it goes left where the value is at most the threshold. The children
    of node i are 2i + 1 and 2i + 2.

    feature:   int64 (t, 2^D - 1), columns, each in [0, d]
    threshold: float32 (t, 2^D - 1)
    leaf:      float32 (t, 2^D)
    Raises AdapterError for other shapes, a negative column, or a depth beyond MAX_DEPTH.
    """

    feature: Int64
    threshold: Float32
    leaf: Float32
    dtype: ClassVar[type] = np.float32
    integers: ClassVar[tuple[str, ...]] = ("feature",)

    def __post_init__(self) -> None:
        freeze(self, arrays=("threshold", "leaf"), integers=("feature",))
        inner = self.feature.shape[-1] if self.feature.ndim == 2 else 0
        are_right = self.threshold.shape == self.feature.shape and self.leaf.shape == (
            len(self.feature),
            inner + 1,
        )
        require_shapes(self, are_right, "feature and threshold (t, 2^D - 1), leaf (t, 2^D)")
        if inner + 1 not in [2**depth for depth in range(1, MAX_DEPTH + 1)]:
            raise AdapterError(f"Trees: {inner} inner nodes, expected 2^D - 1, D 1 to {MAX_DEPTH}")
        if self.feature.size and self.feature.min() < 0:
            raise AdapterError("Trees.feature: a negative column, expected 0 or more")

    @property
    def is_identity(self) -> bool:
        """True when no logit changes."""
        return not self.leaf.any()

    @property
    def columns(self) -> int:
        """Columns that a row must have for every node to find its own; 0 for no trees."""
        return int(self.feature.max()) + 1 if self.feature.size else 0

    def sums(self, encoded: AnyArray, logit: AnyArray) -> AnyArray:
        """What is added to each logit: encoded (n, d) and logit (n,), to float32 (n,)."""
        inputs: AnyArray = np.concatenate([encoded, logit[:, None]], axis=1)
        trees, inner = int(self.feature.shape[0]), int(self.feature.shape[1])
        first_of_row = (np.arange(len(inputs)) * inputs.shape[1])[:, None]
        first_node, first_leaf = np.arange(trees) * inner, np.arange(trees) * (inner + 1)
        flat: AnyArray = inputs.ravel()
        node: Int64 = np.zeros((len(inputs), trees), dtype=np.int64)
        for _ in range((inner + 1).bit_length() - 1):
            at = node + first_node
            value: AnyArray = flat.take(first_of_row + self.feature.take(at))
            node = 2 * node + 1 + (value > self.threshold.take(at))
        leaves: Float32 = self.leaf.take(node - inner + first_leaf)
        return leaves.sum(axis=1)
