"""A linear correction of the logit from few labels: found where it is there, none where it is not.

Seeds 900-907 are those of development.
"""

import numpy as np
import pytest
from scipy.special import expit

from healer.contest import lesson_of
from healer.experts import skip_expert
from healer.skip import fit_skip
from producer.operators import everyone
from producer.regimes import G2
from producer.scenarios import SCHEMA
from selfheal.model.adapter import Adapter
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.training import train
from tests.healer.rows import rows_of

SEEDS = range(900, 908)
JUDGED = 10_000
EPOCHS = 5
"""A quarter of what a scenario's network gets: enough to be corrected."""


def labelled(rng, rows, output_of):
    """Rows (n, 6) whose labels follow a correction of the logit 2 x0."""
    encoded = rng.normal(size=(rows, 6))
    logit = 2.0 * encoded[:, 0]
    label = (rng.random(rows) < expit(output_of(encoded, logit))).astype(np.float64)
    return encoded, logit, label


def test_a_known_linear_correction_is_recovered(rng):
    skip = np.array([0.0, 1.5, -1.0, 0.0, 0.5, 0.0])
    rows = labelled(rng, 20_000, lambda x, logit: 0.4 * logit - 0.8 + x @ skip)

    found = fit_skip(*rows)

    # x0 and the logit are one feature here: only their sum is determined
    assert 2.0 * found.scale + found.skip[0] == pytest.approx(0.8, abs=0.1)
    assert found.shift == pytest.approx(-0.8, abs=0.1)
    np.testing.assert_allclose(found.skip[1:], skip[1:], atol=0.1)


def test_a_logit_that_is_right_already_is_left_nearly_alone(rng):
    encoded, logit, label = labelled(rng, 300, lambda _x, logit: logit)

    found = fit_skip(encoded, logit, label)

    assert found.scale == pytest.approx(1.0, abs=0.25)
    assert np.abs(found.skip).max() < 0.1
    assert np.abs(encoded @ found.skip).mean() < 0.1


def test_no_rows_give_the_identity():
    found = fit_skip(np.zeros((0, 6)), np.zeros(0), np.zeros(0))

    assert found.is_identity


@pytest.mark.parametrize("seed", [900, 901, 902])
def test_labels_that_are_pure_noise_are_not_read_into_the_features(seed):
    rng = np.random.default_rng(seed)
    encoded = rng.normal(size=(400, 6))

    found = fit_skip(encoded, np.zeros(400), rng.integers(0, 2, 400).astype(np.float64))

    assert np.abs(encoded @ found.skip).mean() < 0.1


@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_a_single_class_gives_finite_weights(rng, truth):
    encoded = rng.normal(size=(50, 6))

    found = fit_skip(encoded, rng.normal(size=50), np.full(50, truth))

    assert np.isfinite([found.scale, found.shift, *found.skip]).all()
    assert np.sign(found.shift) == (1.0 if truth else -1.0)


def test_the_input_is_left_alone_and_the_same_input_gives_the_same_correction(rng):
    rows = labelled(rng, 200, lambda _x, logit: logit + 1.0)
    before = [column.copy() for column in rows]

    first, second = fit_skip(*rows), fit_skip(*rows)

    np.testing.assert_array_equal(first.skip, second.skip)
    for column, unchanged in zip(rows, before, strict=True):
        np.testing.assert_array_equal(column, unchanged)


class Healed:
    """Networks of several seeds on drifted rows, corrected from a few labels, unaligned."""

    def __init__(self):
        self.sets = [self._drawn(seed) for seed in SEEDS]

    def _drawn(self, seed):
        rng = np.random.default_rng(seed)
        clean = _draw(rng, G2, 5_000)
        model = train(
            SCHEMA, clean.values, clean.labels, seed=seed, epochs=EPOCHS, standardise=False
        )
        drifted = everyone(G2, 2.2)
        return model, _draw(rng, drifted, 500), _draw(rng, drifted, JUDGED)

    def judged(self, labels):
        """Mean accuracy and F1 after so many labels."""
        found = [self._one(labels, *each) for each in self.sets]
        return np.mean([each.accuracy for each in found]), np.mean([each.f1 for each in found])

    def _one(self, labels, model, given, fresh):
        rows = rows_of(given.values[:labels], label=given.labels[:labels].astype(np.float64))
        correction = skip_expert(lesson_of(rows, None, model))
        scores = compile_model(model, Adapter(output=correction.output)).score(fresh.values).score
        return measure(fresh.labels, scores)


def _draw(rng, regime, rows):
    return regime.draw(rng, np.arange(rows), np.zeros(rows))


@pytest.fixture(scope="module")
def healed() -> Healed:
    return Healed()


def test_a_hundred_labels_without_alignment_bring_a_shifted_stream_back(healed):
    accuracy, f1 = healed.judged(100)

    assert accuracy >= 0.938
    assert f1 >= 0.79


def test_five_hundred_labels_bring_nearly_all_of_it(healed):
    accuracy, f1 = healed.judged(500)

    assert accuracy >= 0.944
    assert f1 >= 0.80
