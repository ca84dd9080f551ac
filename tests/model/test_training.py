import numpy as np
import pytest
import torch

from selfheal.model.compiled import compile_model
from selfheal.model.errors import TrainingError
from selfheal.model.metrics import measure
from selfheal.model.schema import Numeric, Schema
from selfheal.model.training import train

SCHEMA = Schema((Numeric("a"), Numeric("b")))


@pytest.fixture
def rows(rng):
    """Values (400, 2) and labels that the first column nearly decides."""
    labels = (rng.random(400) < 0.3).astype(int)
    return rng.normal(np.outer(labels, [-2.5, 0.0])), labels


def test_the_network_learns(rows):
    values, labels = rows

    model = train(SCHEMA, values, labels, seed=1, epochs=20, hold_out=0.5)

    assert model.metrics["held_out"]["auc_pr"] > 0.9
    assert model.metrics["held_out"]["rows"] == 200


def test_the_same_seed_gives_the_same_model_and_another_one_another(rows):
    first, second, third = (train(SCHEMA, *rows, seed=seed, epochs=2) for seed in (1, 1, 2))

    assert first.hash == second.hash
    assert first.hash != third.hash


def test_training_leaves_the_global_generators_and_the_threads_of_torch_alone(rows):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002

    train(SCHEMA, *rows, seed=1, epochs=1)

    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    np.testing.assert_array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002


def test_progress_is_told_after_each_epoch_with_a_falling_loss(rows):
    told = []

    train(SCHEMA, *rows, seed=1, epochs=3, progress=lambda *facts: told.append(facts))

    assert [(epoch, of) for epoch, of, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert told[-1][2] < told[0][2]


def test_held_out_rows_have_the_shares_of_the_classes(rows):
    values, labels = rows

    model = train(SCHEMA, values, labels, seed=1, epochs=1, hold_out=0.25)

    assert model.reference.logit_rows[1] == round(0.25 * labels.sum())
    assert model.reference.rows.sum() == 400


def test_with_nothing_held_out_the_reference_reads_every_logit(rows):
    model = train(SCHEMA, *rows, seed=1, epochs=1, hold_out=0.0)

    assert model.reference.logit_rows.sum() == 400
    assert "held_out" not in model.metrics


def test_metrics_are_those_of_the_compiled_model(rows):
    values, labels = rows

    model = train(SCHEMA, values, labels, seed=1, epochs=2, hold_out=0.0)

    found = measure(labels, compile_model(model).score(values).score)
    assert model.metrics["training"]["log_loss"] == pytest.approx(found.log_loss)


def test_a_column_that_training_never_sees_set_has_no_weight(model):
    width = model.encoder.width
    values = np.array([[0.0, 1, 20.0]])
    unknown, known = values.copy(), values.copy()
    unknown[0, 1], known[0, 1] = 2, 0
    compiled = compile_model(model)

    weights = model.backbone["backbone.0.weight"]

    assert not weights[:, width - 1].any()
    assert weights[:, : width - 1].any(axis=0).all()
    assert np.isfinite(compiled.score(np.vstack([unknown, known])).logit).all()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1], "2 labels for 400 rows"),
        ([0] * 400, "fewer than two rows of a class"),
        ([0, 1] * 199 + [2, 2], "neither 0 nor 1"),
        ([0, 1] * 199 + [np.nan, 1], "neither 0 nor 1"),
    ],
)
def test_labels_that_nothing_can_be_learned_from_are_refused(rows, labels, message):
    with pytest.raises(TrainingError, match=message):
        train(SCHEMA, rows[0], labels, seed=1)


def test_a_loss_that_diverges_is_said_and_not_stored(rows):
    with pytest.raises(TrainingError, match="diverged"):
        train(SCHEMA, *rows, seed=1, learning_rate=1e30)
