"""Streams of other rows whose relation to fraud turns while the inputs stay as they are."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bench.errors import BenchError
from bench.healing.map_drifts import onset_of
from bench.healing.outcome import Outcome
from bench.healing.prequential import Served, serve
from bench.healing.relations import Relation, relation_of
from bench.healing.report import Case
from bench.healing.sources import Drawn, drawn_and_trained, model_of
from cli.backtest.figures import figures
from cli.backtest.online_learners import online_learners, require_river
from cli.backtest.rivals import Rival
from cli.plan_settings import PlanError
from producer.rows import Floats
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.model import Model

_TURN = np.pi / 2
_ALL = ("logistic_regression", "hoeffding_adaptive_tree", "adaptive_random_forest")
_LINEAR = _ALL[:1]
_RELATION = 2


def concept_stream(source: str, seed: int, rows: int) -> Outcome:
    """At one third the feature that said least takes the part of the one that said most."""
    drawn, model = drawn_and_trained(source, seed, rows)
    relation = relation_of(drawn, np.random.default_rng([seed, _RELATION]))
    after, last = slice(onset_of(rows), rows), slice(rows * 3 // 4, rows)
    truth = _turned(drawn, relation, np.full(rows - onset_of(rows), _TURN))
    served, rivals = _beside_rivals(drawn, model, truth, _ALL, seed)
    best = compile_model(_oracle(drawn, relation, seed)).score(drawn.values).score
    oracle = figures(measure(truth[after], best[after]))
    case = {**_case(served, rivals, after), "oracle": oracle}
    of_oracle = measure(truth[last], best[last]).accuracy
    measures = {
        "points above the best river baseline": _margin(case, _ALL),
        "points below the oracle, last quarter": 100 * (of_oracle - served.accuracy(last)),
    }
    return Outcome(case, served.gain(slice(0, rows)), measures)


def rotation_stream(source: str, seed: int, rows: int) -> Outcome:
    """The same slowly, from one third to the end; no one model is right for long."""
    drawn, model = drawn_and_trained(source, seed, rows)
    relation = relation_of(drawn, np.random.default_rng([seed, _RELATION]))
    onset = onset_of(rows)
    truth = _turned(drawn, relation, np.linspace(0.0, _TURN, rows - onset))
    served, rivals = _beside_rivals(drawn, model, truth, _LINEAR, seed)
    case = _case(served, rivals, slice(onset, rows))
    measures = {"points above river's logistic regression": _margin(case, _LINEAR)}
    return Outcome(case, served.gain(slice(0, rows)), measures)


def _turned(drawn: Drawn, relation: Relation, angle: Floats) -> NDArray[np.int8]:
    """(n,) labels of the stream, those of the last rows turned by their angles (m,)."""
    truth, first = drawn.labels.copy(), len(drawn) - len(angle)
    truth[first:] = relation.labels(drawn.values[first:], angle, float(drawn.labels.mean()))
    return truth


def _oracle(drawn: Drawn, relation: Relation, seed: int) -> Model:
    """The network trained on as many rows as the model was, all labelled by the new relation."""
    full = np.full(len(drawn.train_labels), _TURN)
    labels = relation.labels(drawn.train_values, full, float(drawn.train_labels.mean()))
    return model_of(replace(drawn, train_labels=labels), seed)


def _beside_rivals(
    drawn: Drawn, model: Model, truth: NDArray[np.int8], names: tuple[str, ...], seed: int
) -> tuple[Served, dict[str, Rival]]:
    """Served beside online learners that know the training rows and get the same labels."""
    try:
        require_river()
    except PlanError:
        raise BenchError("T8: river is not installed; pip install 'selfheal[baselines]'") from None
    learners = online_learners(model.encoder, seed)
    rivals: dict[str, Rival] = {}
    for name in names:
        learners[name].learn(drawn.train_values, drawn.train_labels, 0)
        rivals[name] = Rival(learners[name], len(drawn))
    return serve(model, drawn.values, truth, seed, rivals=tuple(rivals.values())), rivals


def _case(served: Served, rivals: dict[str, Rival], rows: slice) -> Case:
    truth = served.trace.labels[rows]
    others = {name: figures(measure(truth, each.scores[rows])) for name, each in rivals.items()}
    return {**served.case(rows), **others}


def _margin(case: Case, names: tuple[str, ...]) -> float:
    """Points of accuracy as served above the best of these."""
    best = max(case[name]["accuracy"] or 0.0 for name in names)
    return 100 * ((case["healed"]["accuracy"] or 0.0) - best)
