"""Has the relation of rows to labels changed? What the newest labels teach tells the next ones more
than it told older ones.

Losses alone say it late: they scatter, most of all those of confident mistakes. A correction that
was learned from the newest labels is compared with what serves on the very same rows instead, which
scatters far less. Where nothing has changed it gains on later labels what it gains on earlier
ones, none of which it has learned from; where the relation has changed, it gains more.
"""

from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.betting import Wager
from healer.decline import SMALLEST_DECLINE
from healer.duel import LARGEST_LOSS, bounded_losses
from healer.evidence import Rows
from healer.experts import Lesson
from healer.skip import fit_skip
from selfheal.model.adapter import Output
from selfheal.model.probability import sigmoid

Floats: TypeAlias = NDArray[np.float64]

LESSON_LABELS = 200
"""Newest labels that the correction is learned from."""

LESSON_EVERY = 100
"""Labels after which it is learned anew."""

COMPARED_LABELS = 600
"""Oldest labels of the regime, at most, that say what the correction gains usually."""

_FEWEST_COMPARED = 100

_PRECISIONS = ((3.0, 1.0), (3.0, 4.0), (3.0, 16.0))
"""Fewer than a correction that serves is chosen from: it is learned again and again."""

_ERRORS = 1.0
"""Standard errors by which the usual gain may have come out too low by chance."""


@dataclass(frozen=True, slots=True, eq=False)
class RelationChange:
    """The bet that the relation has changed.

    correction: learned from the newest labels; None before the first lesson
    usual:      gain on older labels, nat a label, at most
    labels:     of the regime so far
    taught:     of these, when the correction was learned
    wager:      on the labels since
    """

    correction: Output | None = None
    usual: float = 0.0
    labels: int = 0
    taught: int = 0
    wager: Wager = field(default_factory=Wager)

    @property
    def is_lesson_due(self) -> bool:
        """Whether enough labels have come to learn (again)."""
        return (
            self.labels >= LESSON_LABELS + _FEWEST_COMPARED
            and self.labels - self.taught >= LESSON_EVERY
        )

    def after(self, rows: Lesson) -> "RelationChange":
        """With more labels, which the correction has not learned from. They may be none."""
        labels = self.labels + len(rows.label)
        if self.correction is None:
            return replace(self, labels=labels)
        rises = gains_of(self.correction, rows) - self.usual - SMALLEST_DECLINE
        bound = LARGEST_LOSS + max(0.0, self.usual + SMALLEST_DECLINE)
        return replace(self, labels=labels, wager=self.wager.after(rises / bound))

    def learned(self, rows: Lesson) -> "RelationChange":
        """With a correction from the newest of these rows, whose usual gain the others tell.

        rows: labelled ones of the regime, that are new to what serves
        """
        taught = replace(self, taught=self.labels)
        newest, older = rows.newest(LESSON_LABELS), rows.oldest(-LESSON_LABELS)
        older = older.oldest(COMPARED_LABELS)
        if not newest.is_enough or not len(older.label):
            return taught
        correction = fit_skip(newest.encoded, newest.logit, newest.label, _PRECISIONS)
        gains = gains_of(correction, older)
        usual = float(gains.mean() + _ERRORS * gains.std() / np.sqrt(len(gains)))
        return replace(taught, correction=correction, usual=usual)


def telling(rows: Rows) -> Rows:
    """Of labelled rows of the regime those that `learned` looks at: the others need no scores."""
    older = max(0, len(rows) - LESSON_LABELS)
    place = np.arange(len(rows))
    return rows.part((place < COMPARED_LABELS) | (place >= older))


def gains_of(correction: Output, rows: Lesson) -> Floats:
    """(n,) what the correction gains on each label in log-loss, nat; negative where it loses."""
    logit = correction.scale * rows.logit + correction.shift
    if correction.skip is not None:
        logit = logit + rows.encoded @ correction.skip.astype(np.float64)
    before = bounded_losses(sigmoid(rows.logit), rows.label)
    return before - bounded_losses(sigmoid(logit), rows.label)
