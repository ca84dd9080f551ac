"""Teaching the contenders what labels say. Jobs: they take from milliseconds to a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from healer.contest import CALIBRATED, Contest, bounded_logits, judged, lesson_of
from healer.evidence import Rows
from healer.experts import Correction, fit_experts
from healer.policy import Serving
from healer.recalibration import recalibrated
from selfheal.model.costs import Costs
from selfheal.model.model import Model

_SHORTEST_REHEARSAL = 30
"""Labels of its first lesson, at least."""

_GROWTH = 2.0
"""Of the lessons in a rehearsal: by so much each is longer than the one before."""

_LAST_LESSON = 0.75
"""Share of a rehearsal's labels that its last lesson learns from; the others judge it."""


@dataclass(frozen=True, slots=True, eq=False)
class School:
    """What lessons need beside labelled rows. seed: of the trees; costs: None names none"""

    serving: Serving
    model: Model
    seed: int
    costs: Costs | None = None

    def taught(self, rows: Rows) -> Mapping[str, Correction]:
        """What every method makes of labelled rows, by its name; nothing of too few."""
        adapter = self.serving.adapter
        lesson = lesson_of(rows, adapter, self.model)
        if not lesson.is_enough:
            return {}
        served = bounded_logits(self.model, adapter, rows)
        calibrated = recalibrated(adapter, served, rows.label)
        return {**fit_experts(lesson, self.seed), CALIBRATED: calibrated}


def lesson(contest: Contest, rows: Rows, school: School) -> Contest:
    """What the contenders learn from all labels of the regime that are known."""
    return contest.taught(school.taught(rows), len(rows))


def rehearsal(contest: Contest, rows: Rows, school: School) -> Contest:
    """The contest as it would stand, had it begun with the first of these labels.

    So labels that were known before it began are not lost as judges: each contender learns from
    the first ones and is judged on the next ones, as ever. A lesson where they are few.
    """
    cuts = _cuts(len(rows))
    if not cuts:
        return lesson(contest, rows, school)
    played = Contest(contest.epoch, contest.since_ms)
    for cut, following in pairwise([*cuts, len(rows)]):
        played = played.taught(school.taught(rows.part(slice(cut))), cut)
        next_rows = rows.part(slice(cut, following))
        played = judged(played, next_rows, school.serving, school.model, school.costs)
    return played


def _cuts(rows: int) -> list[int]:
    """Lengths of the lessons of a rehearsal, ascending."""
    cuts: list[int] = []
    cut = _LAST_LESSON * rows
    while cut >= _SHORTEST_REHEARSAL:
        cuts.insert(0, int(cut))
        cut /= _GROWTH
    return cuts
