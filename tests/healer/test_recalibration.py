"""What serves, calibrated: the same order of rows, and probabilities that labels bear out."""

import numpy as np
import pytest

from healer.contest import bounded_logits, lesson_of
from healer.experts import Correction, skip_expert, tree_expert
from healer.recalibration import recalibrated
from selfheal.model.adapter import Adapter, Output
from selfheal.model.compiled import compile_model
from tests.healer.rows import rows_of


@pytest.fixture(scope="module")
def fresh(article_stream):
    """2,000 labelled clean rows that the model has not seen."""
    drawn = article_stream.fresh(0, 2_000)
    return rows_of(drawn.values, label=drawn.labels.astype(np.float64))


def adapter(correction):
    return Adapter(output=correction.output, trees=correction.trees)


@pytest.mark.parametrize("kind", ["base", "linear", "trees"])
def test_it_is_what_serves_scaled_and_shifted(model, fresh, kind):
    lesson = lesson_of(fresh.part(slice(500)), None, model)
    learned = {
        "base": Correction(),
        "linear": skip_expert(lesson),
        "trees": tree_expert(lesson, seed=0),
    }[kind]
    served = adapter(learned)
    logit = bounded_logits(model, served, fresh)

    found = adapter(recalibrated(served, logit, fresh.label))

    before = compile_model(model, served).score(fresh.values).logit
    after = compile_model(model, found).score(fresh.values).logit
    scale, shift = np.polyfit(before, after, 1)
    assert scale > 0.0
    np.testing.assert_allclose(after, scale * before + shift, atol=1e-3)


def test_scores_that_are_too_sure_are_blurred_as_far_as_labels_say(model, fresh):
    served = Adapter(output=Output(3.0, 1.0))
    logit = bounded_logits(model, served, fresh)

    found = recalibrated(served, logit, fresh.label)

    assert 0.75 < found.output.scale < 1.25
    assert -0.6 < found.output.shift < 0.6


def test_no_labels_change_nothing():
    nothing = np.zeros(0)

    found = recalibrated(None, nothing, nothing)

    assert found.output.is_identity
    assert found.trees is None
