"""What may be learned from labels: corrections of the network's logit, by several methods.

Each is fitted to the encoded aligned rows and the backbone's logit, and is served as the parts
`Output` and `Trees` of an adapter. None is trusted: `healer/contest.py` compares what they say on
labels that they have not seen.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportMissingTypeStubs=false
# scikit-learn annotates nothing.

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.skip import fit_skip
from healer.tree_arrays import trees_of
from selfheal.model.adapter import Output, Trees

Floats: TypeAlias = NDArray[np.float64]

LOGIT_RANGE = 8.0
"""Logits that an expert learns from are kept within this: beyond it they say nothing more."""

_HORIZONS = (300, 2000)
"""Newest labels that an expert learns from: short ones follow change, long ones are exact."""

_FEWEST_ROWS = 20
_FEWEST_OF_A_CLASS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """Labelled rows to learn from, in the order in which their labels became known.

    encoded: (n, d) float64, as the network reads the aligned rows
    logit:   (n,) float64, of the backbone on them
    label:   (n,) float64, 1 fraud, 0 legitimate
    """

    encoded: Floats
    logit: Floats
    label: Floats

    def newest(self, rows: int) -> "Lesson":
        """The newest rows alone; all where there are fewer."""
        return self._part(slice(max(0, len(self.label) - rows), None))

    def oldest(self, rows: int) -> "Lesson":
        """The oldest rows alone; where the number is negative, all but so many of the newest."""
        return self._part(slice(None, rows))

    def _part(self, which: slice) -> "Lesson":
        return Lesson(self.encoded[which], self.logit[which], self.label[which])

    @property
    def is_enough(self) -> bool:
        """Whether there is anything to learn from."""
        frauds = int(self.label.sum())
        fewest = min(frauds, len(self.label) - frauds)
        return len(self.label) >= _FEWEST_ROWS and fewest >= _FEWEST_OF_A_CLASS


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """Parts of an adapter that act on the logit; both None change nothing."""

    output: Output | None = None
    trees: Trees | None = None


def fit_experts(lesson: Lesson, seed: int) -> Mapping[str, Correction]:
    """Every method on every horizon, by name; none for a lesson that is not enough."""
    experts: dict[str, Correction] = {}
    lengths = {min(horizon, len(lesson.label)): horizon for horizon in reversed(_HORIZONS)}
    for horizon in lengths.values():
        part = lesson.newest(horizon)
        if part.is_enough:
            linear, grown = skip_expert(part), tree_expert(part, seed)
            experts[f"skip@{horizon}"] = linear
            experts[f"trees@{horizon}"] = grown
            experts[f"blend@{horizon}"] = blend_of(linear, grown)
    return experts


def skip_expert(lesson: Lesson) -> Correction:
    """A linear correction: for a relation that turned a little, or features that moved apart."""
    return Correction(output=fit_skip(lesson.encoded, lesson.logit, lesson.label))


def tree_expert(lesson: Lesson, seed: int) -> Correction:
    """Boosted trees in the place of the network's logit, which they read: for any new relation.

    Friedman 2001, with scikit-learn's implementation.
    """
    from sklearn.ensemble import GradientBoostingClassifier  # noqa: PLC0415  (slow to import)

    boosted = GradientBoostingClassifier(
        n_estimators=50,
        learning_rate=0.1,
        max_depth=4,
        min_samples_leaf=5,
        subsample=0.7,
        random_state=seed,
    )
    boosted.fit(np.column_stack([lesson.encoded, lesson.logit]), lesson.label)
    grown = [estimator.tree_ for estimator in boosted.estimators_[:, 0]]
    share = float(lesson.label.mean())
    start = float(np.log(share / (1.0 - share)))
    no_skip = np.zeros(lesson.encoded.shape[1], np.float32)
    return Correction(Output(0.0, start, no_skip), trees_of(grown, boosted.max_depth, 0.1))


def blend_of(linear: Correction, grown: Correction) -> Correction:
    """Half of the linear correction and half of the trees: with few labels better than either.

    Raises ValueError for anything else.
    """
    if linear.output is None or grown.output is None or grown.trees is None:
        raise ValueError("a blend needs both of its halves")
    skip = None if linear.output.skip is None else 0.5 * linear.output.skip
    shift = 0.5 * (linear.output.shift + grown.output.shift)
    trees = Trees(grown.trees.feature, grown.trees.threshold, 0.5 * grown.trees.leaf)
    return Correction(Output(0.5 * linear.output.scale, shift, skip), trees)
