"""Labels against scores."""

import numpy as np
import pytest
from scipy.special import expit

from selfheal.drift.kinds import KindEvidence, drift_kind
from selfheal.drift.label_contradiction import contradiction_z, spiegelhalter_z


def drawn(rng, rows, surer=1.0):
    """Rows, whose logits a network gives `surer` times as large as they are."""
    logit = rng.normal(-1.0, 1.5, rows)
    labels = (rng.random(rows) < expit(logit)).astype(float)
    return labels, expit(surer * logit)


def test_of_probabilities_z_is_standard_normal(rng):
    z = [spiegelhalter_z(*drawn(rng, 300)) for _ in range(1_000)]

    assert np.mean(z) == pytest.approx(0.0, abs=0.15)
    assert np.std(z) == pytest.approx(1.0, abs=0.1)


def test_scores_that_are_too_sure_are_contradicted(rng):
    assert spiegelhalter_z(*drawn(rng, 2_000, surer=2.0)) > 4.0


@pytest.mark.parametrize("rows", [200, 2_000])
def test_a_network_that_was_never_calibrated_is_contradicted_only_by_a_change(rng, rows):
    clean = drawn(rng, 5_000, surer=1.5)

    z = [contradiction_z(*drawn(rng, rows, surer=1.5), *clean) for _ in range(300)]

    assert np.mean(np.abs(z) > 3.0) < 0.03
    assert spiegelhalter_z(*clean) > 4.0


def test_a_concept_change_under_unchanged_inputs_is_named(rng):
    clean, (labels, scores) = drawn(rng, 5_000), drawn(rng, 500)
    other = rng.permutation(labels)  # scores say nothing of these labels

    z = contradiction_z(other, scores, *clean)

    assert drift_kind(KindEvidence(concept_z=z)) == "concept"


def test_no_rows_contradict_nothing():
    none = np.zeros(0)

    assert np.isnan(spiegelhalter_z(none, none))
    assert np.isnan(contradiction_z(none, none, none, none))
    assert np.isnan(spiegelhalter_z(np.array([0.0, 1.0]), np.array([0.0, 1.0])))
