"""An alignment is the cheapest explanation, although most of them are never finished."""

from math import inf

import numpy as np
import pytest

from bench.healing.map_drifts import MAPS, moved
from bench.healing.sources import drawn_and_trained
from healer.alignment import DECISIVE, fit_alignment
from healer.label_free import backbone_logits

ROWS = 1_200


@pytest.mark.parametrize("source", ["skewed", "cards"])
def test_explanations_that_are_left_out_change_nothing(source, monkeypatch):
    drawn, model = drawn_and_trained(source, seed=900, rows=ROWS)
    mapping = MAPS["affine, half"](drawn, np.random.default_rng(0))
    logits = backbone_logits(model)
    for values in np.split(moved(drawn, mapping, np.ones(ROWS)), 3):
        found = fit_alignment(values, model, logits)
        with monkeypatch.context() as everything:
            everything.setattr("healer.alignment._worth_knowing", lambda *_: inf)
            known = fit_alignment(values, model, logits)

        np.testing.assert_array_equal(found.map.scale, known.map.scale)
        np.testing.assert_array_equal(found.map.shift, known.map.shift)
        assert (found.prior, found.score_prior, found.cost) == (
            known.prior,
            known.score_prior,
            known.cost,
        )
        assert (found.margin >= DECISIVE) == (known.margin >= DECISIVE)
        assert found.margin == known.margin or found.margin >= DECISIVE
