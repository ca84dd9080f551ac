import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from registry.errors import RollbackError
from registry.rollback import F1, LogLoss, choose_rollback


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def labels(rng):
    return (rng.random(400) < 0.15).astype(int)


def scores_of(rng, labels, strength):
    """Logistic scores whose logit points to the label by `strength` on average."""
    logits = strength * (2 * labels - 1) + rng.normal(size=len(labels)) - 1.0
    return 1 / (1 + np.exp(-logits))


def test_no_adapter_is_chosen_when_all_heals_harm(rng, labels):
    scores = {
        "base": scores_of(rng, labels, 1.5),
        "v1": scores_of(rng, labels, 0.2),
        "v2": scores_of(rng, labels, -1.0),
    }

    assert choose_rollback(scores, labels).version == "base"
    assert choose_rollback(scores, labels, criterion=F1()).version == "base"


def test_best_version_on_the_common_window_is_chosen(rng, labels):
    scores = {
        "base": scores_of(rng, labels, 0.0),
        "v1": scores_of(rng, labels, 0.7),
        "v2": scores_of(rng, labels, 1.5),
    }

    assert choose_rollback(scores, labels).version == "v2"
    assert choose_rollback(scores, labels, criterion=F1()).version == "v2"


def test_gain_within_one_standard_error_prefers_no_adapter(rng, labels):
    base = scores_of(rng, labels, 1.0)
    flipped = base.copy()
    flipped[:3] = np.where(labels[:3] == 1, 0.9, 0.1)

    choice = choose_rollback({"base": base, "v1": flipped}, labels)

    assert choice.losses["v1"] < choice.losses["base"]
    assert choice.losses["base"] - choice.losses["v1"] <= choice.standard_error
    assert choice.version == "base"


def test_small_gain_on_every_row_is_told_apart_because_rows_are_paired(rng, labels):
    base = scores_of(rng, labels, 1.0)
    better = base + 0.02 * (labels - base)

    assert choose_rollback({"base": base, "v1": better}, labels).version == "v1"


def test_losses_are_those_of_scikit_learn(rng, labels):
    base, healed = scores_of(rng, labels, 0.5), scores_of(rng, labels, 1.5)
    weights = rng.uniform(1, 10, len(labels))

    by_loss = choose_rollback({"base": base, "v1": healed}, labels, weights).losses
    by_f1 = choose_rollback({"base": base, "v1": healed}, labels, weights, F1({"v1": 0.3})).losses

    assert by_loss["v1"] == pytest.approx(log_loss(labels, healed, sample_weight=weights))
    assert 1 - by_f1["v1"] == pytest.approx(f1_score(labels, healed >= 0.3, sample_weight=weights))
    assert 1 - by_f1["base"] == pytest.approx(f1_score(labels, base >= 0.5, sample_weight=weights))


def test_standard_error_of_f1_agrees_with_the_bootstrap(rng):
    labels = (rng.random(2000) < 0.3).astype(int)
    base, healed = scores_of(rng, labels, 0.5), scores_of(rng, labels, 1.5)

    stated = choose_rollback({"base": base, "v1": healed}, labels, criterion=F1()).standard_error

    draws = [rng.integers(0, 2000, 2000) for _ in range(400)]
    differences = [
        f1_score(labels[d], healed[d] >= 0.5) - f1_score(labels[d], base[d] >= 0.5) for d in draws
    ]
    assert stated == pytest.approx(np.std(differences), rel=0.12)


def test_of_equal_versions_the_older_is_chosen(rng, labels):
    base, healed = scores_of(rng, labels, 0.0), scores_of(rng, labels, 1.5)

    choice = choose_rollback({"v10": healed, "v9": healed, "base": base}, labels)

    assert choice.version == "v9"


@pytest.mark.parametrize("criterion", [LogLoss(), F1()])
def test_empty_window_serves_the_base(criterion):
    empty = np.empty(0)

    choice = choose_rollback({"base": empty, "v1": empty}, empty, criterion=criterion)

    assert (choice.version, choice.losses) == ("base", {})
    assert "nothing to judge by" in choice.reason


def test_f1_without_any_fraud_serves_the_base():
    scores = {"base": np.full(50, 0.1), "v1": np.full(50, 0.01)}

    assert choose_rollback(scores, np.zeros(50), criterion=F1()).version == "base"
    assert choose_rollback(scores, np.zeros(50)).version == "v1"


def test_single_row_proves_nothing():
    scores = {"base": np.array([0.5]), "v1": np.array([0.9])}

    assert choose_rollback(scores, np.array([1])).version == "base"


@pytest.mark.parametrize(
    ("scores", "labels", "weights", "match"),
    [
        ({"v1": np.array([0.5])}, [1], None, "not among the candidates"),
        ({"base": np.array([0.5, 0.5])}, [1], None, "base: expected one score"),
        ({"base": np.array([np.nan])}, [1], None, "base: expected one score"),
        ({"base": np.array([1.5])}, [1], None, "base: expected one score"),
        ({"base": np.array([0.5])}, [2], None, "labels must be 0 or 1"),
        ({"base": np.array([0.5])}, [1], np.array([0.0]), "weights must be positive"),
        ({"base": np.array([0.5])}, [1], np.array([1.0, 1.0]), "weights must be positive"),
    ],
)
def test_candidates_that_cannot_be_compared_are_refused(scores, labels, weights, match):
    with pytest.raises(RollbackError, match=match):
        choose_rollback(scores, np.array(labels), weights)
