"""When to look, and what to call what was found."""

import pytest

from selfheal.drift.cadence import Cadence
from selfheal.drift.kinds import KindEvidence, drift_kind


@pytest.mark.parametrize(
    ("elapsed_ms", "rows", "is_due"),
    [(60_000, 500, True), (59_999, 9_000, False), (600_000, 499, False)],
)
def test_a_look_is_due_after_both_time_and_rows(elapsed_ms, rows, is_due):
    assert Cadence(every_ms=60_000, fewest_rows=500).is_due(elapsed_ms, rows) is is_due


@pytest.mark.parametrize("wrong", [(0, 1), (1, 0)])
def test_a_cadence_of_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="expected 1 or more"):
        Cadence(*wrong)


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        (KindEvidence(), None),
        (KindEvidence(prior_z=3.9), None),
        (KindEvidence(prior_z=-5.0), "prior"),
        (KindEvidence(moved=2), "unknown"),
        (KindEvidence(moved=2, is_mapped=False), "unknown"),
        (KindEvidence(moved=2, concept_z=float("nan")), "unknown"),
        (KindEvidence(moved=2, is_mapped=True), "covariate"),
        (KindEvidence(moved=2, prior_z=9.0, is_mapped=True), "covariate"),
        (KindEvidence(moved=2, concept_z=1.0), "covariate"),
        (KindEvidence(moved=2, concept_z=-6.0, is_mapped=True), "concept"),
        (KindEvidence(moved=0, concept_z=6.0), "concept"),
        (KindEvidence(moved=0, concept_z=0.5), None),
    ],
)
def test_each_kind_is_named_only_where_the_evidence_can_tell(evidence, kind):
    assert drift_kind(evidence) == kind
