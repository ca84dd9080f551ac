"""Streams of other rows whose inputs move, or nothing: clean, maps, a return, the fraud rate."""

import numpy as np

from bench.healing.map_drifts import (
    MAPS,
    from_onset,
    moved,
    onset_of,
    random_map,
    slowly,
    there_and_back,
)
from bench.healing.outcome import GAP, WON, Outcome
from bench.healing.prequential import Served, serve
from bench.healing.sources import drawn_and_trained, model_of, with_fraud_share
from healer.priors import prior_shift
from producer.rows import Floats
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.model import Model
from selfheal.model.probability import sigmoid
from selfheal.records.healing_events import HealPublished

_RETURN_ROWS = 2_000
_PRIORS = (0.05, 0.20, 0.01)
_FLIPPED = 0.3

_MAP, _LIES = 0, 1
"""Of a seed: what moves, and which labels are wrong."""


def clean_stream(source: str, seed: int, rows: int) -> Outcome:
    """Nothing drifts: nothing may change."""
    drawn, model = drawn_and_trained(source, seed, rows)
    served = serve(model, drawn.values, drawn.labels, seed)
    trace = served.trace
    changed = float(np.mean(trace.healed != trace.frozen))
    measures = {"rows changed": changed, "published": float(served.told(HealPublished))}
    everything = slice(0, rows)
    return Outcome(served.case(everything), served.gain(everything), measures)


def map_stream(name: str, source: str, seed: int, rows: int) -> Outcome:
    """One of `MAPS`, without a label."""
    drawn, model = drawn_and_trained(source, seed, rows)
    found = MAPS[name](drawn, np.random.default_rng([seed, _MAP]))
    values = moved(drawn, found, slowly(rows) if name == "ramp" else from_onset(rows))
    served = serve(model, values, drawn.labels, seed, label_share=0.0)
    return _against_clean(served, model, drawn.values, slice(onset_of(rows), rows))


def recurring_stream(source: str, seed: int, rows: int) -> Outcome:
    """Half of the features move, come back, move again, come back."""
    drawn, model = drawn_and_trained(source, seed, rows)
    found = random_map(drawn, np.random.default_rng([seed, _MAP]), 0.5)
    values = moved(drawn, found, there_and_back(rows))
    served = serve(model, values, drawn.labels, seed)
    clean = compile_model(model).score(drawn.values).score
    starts = [rows * part // 5 for part in (2, 3, 4)]
    returns = np.concatenate([np.arange(start, start + _RETURN_ROWS) for start in starts])
    returns = returns[returns < rows]
    truth, trace = drawn.labels[returns] == 1, served.trace
    ours = float(np.mean(trace.decision[returns] == truth))
    best = float(np.mean((clean[returns] >= model.threshold) == truth))
    after = slice(rows // 5, rows)
    whole = served.gain(slice(0, rows))
    return Outcome(served.case(after, clean), whole, {"points below ceiling": 100 * (best - ours)})


def prior_stream(source: str, seed: int, rows: int) -> Outcome:
    """The share of fraud goes from 5 to 20 to 1 %, and each class keeps its rows."""
    share = np.repeat(_PRIORS, -(-rows // len(_PRIORS)))[:rows]
    drawn = with_fraud_share(drawn_and_trained(source, seed, rows)[0], _PRIORS[0], share, seed)
    model = model_of(drawn, seed)
    served = serve(model, drawn.values, drawn.labels, seed)
    after, everything = slice(onset_of(rows), rows), slice(0, rows)
    case = served.case(after, _told_the_prior(model, drawn.values, share))
    losses = [case[who]["log_loss"] or 0.0 for who in ("healed", "frozen")]
    measures = {
        "points above frozen": 100 * served.gain(after),
        "log-loss above frozen": losses[0] - losses[1],
    }
    return Outcome(case, served.gain(everything), measures)


def flipped_streams(source: str, seed: int, rows: int) -> Outcome:
    """Half of the features move, and three of ten labels are wrong; and the same with true ones."""
    drawn, model = drawn_and_trained(source, seed, rows)
    found = random_map(drawn, np.random.default_rng([seed, _MAP]), 0.5)
    values = moved(drawn, found, from_onset(rows))
    is_wrong = np.random.default_rng([seed, _LIES]).random(rows) < _FLIPPED
    said = np.where(is_wrong, 1 - drawn.labels, drawn.labels).astype(np.int8)
    misled = serve(model, values, drawn.labels, seed, said=said)
    told_truth = serve(model, values, drawn.labels, seed)
    after = slice(onset_of(rows), rows)
    clean = compile_model(model).score(drawn.values).score
    case = {
        **misled.case(after, clean),
        "healed_by_true_labels": told_truth.case(after)["healed"],
    }
    lost = told_truth.accuracy(after) - misled.accuracy(after)
    everything = slice(0, rows)
    gain = min(misled.gain(everything), told_truth.gain(everything))
    return Outcome(case, gain, {"points below true labels": 100 * lost})


def _against_clean(served: Served, model: Model, clean: Floats, after: slice) -> Outcome:
    """Beside the same network on the rows that had not moved."""
    scores = compile_model(model).score(clean).score
    best = measure(served.trace.labels[after], scores[after], model.threshold).accuracy
    won = served.gain(after)
    gap = best - (served.accuracy(after) - won)
    everything = slice(0, len(served.trace))
    return Outcome(served.case(after, scores), served.gain(everything), {GAP: gap, WON: won})


def _told_the_prior(model: Model, values: Floats, share: Floats) -> Floats:
    """(n,) scores of the frozen network, were it told each row's share of fraud (n,)."""
    logit = compile_model(model).score(values).logit.astype(np.float64)
    shift = np.array([prior_shift(float(p), model.reference.prior) for p in share])
    return sigmoid(logit + shift)
