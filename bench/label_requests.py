"""What asking for labels is worth, and whose labels to ask for: several choices side by side.

Streams that no map can heal, from the onset on, with an alarm that is known: what labels teach
competes as in the healer. A tenth of the rows get their label 2,000 rows late; those that are
asked for get theirs as analysts answer, one by one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.healing.map_drifts import random_map
from bench.healing.prequential import LABEL_DELAY_ROWS, LABEL_SHARE
from bench.healing.sources import drawn_and_trained
from bench.label_choices import RIVALS
from cli.demo.backbone import trained
from healer.contest import Contest, candidates
from healer.label_choice import spread_choice
from healer.label_heal import followed, is_due, lesson_rows
from healer.lessons import School, lesson
from healer.policy import Evidence, Serving
from healer.policy_settings import HealingSettings
from healer.window import FeedbackWindow, ScoredRows
from producer.labels import LabelPolicy
from producer.operators import flip, legit_only, sign_flips
from producer.regimes import G2, Regime
from producer.rows import Floats
from producer.scenarios import SCHEMA
from producer.stream import Scenario, Segment, Stream
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.model import Model
from selfheal.records.feedback import Label
from selfheal.records.thresholds import Thresholds

ROWS = 6_000
"""From the onset on."""

REQUESTED_ROWS = (700, 2_700)
"""Rows after the onset at which labels are asked for: when a heal is given up, and once more."""

ANSWER_ROWS = 500
"""Rows between a request and its label, on average; exponential."""

BATCH_ROWS = 100

DRIFTING = (0.1, 0.2)
"""Rates of error at which a contender wins while the inputs show a drift, as in the policy."""

OURS, NONE = "evenly over all rows (ours)", "nobody is asked"

REGIMES: Mapping[str, Regime] = {
    "G2, legitimate rows moved by 2.2": legit_only(G2, 2.2),
    "G2, fraud on the other side": flip(G2),
    "G2, moved by 1.1 and four signs turned": sign_flips(legit_only(G2, 1.1), range(4)),
}
REAL = ("Bananas", "Phishing")
"""Of these the legitimate rows alone go through an affine map of all features."""


@dataclass(frozen=True, slots=True, eq=False)
class Unhealable:
    """A stream whose second part no map can heal.

    values: (n, f); labels: (n,) the truth
    """

    model: Model
    values: Floats
    labels: NDArray[np.int8]


STREAMS = (*REGIMES, *(f"{source}, legitimate rows moved" for source in REAL))


def streams_named(numbers: str | None) -> Sequence[str]:
    """Streams by their numbers from 1, as in "1,4"; all for None. Raises ValueError for others."""
    if numbers is None:
        return STREAMS
    found = [number.strip() for number in numbers.split(",")]
    known = [str(number) for number in range(1, len(STREAMS) + 1)]
    if unknown := [number for number in found if number not in known]:
        raise ValueError(f"no stream {unknown[0][:20]!r}, expected some of {', '.join(known)}")
    return [STREAMS[int(number) - 1] for number in found]


def measure_requests(
    seeds: range,
    names: Sequence[str] = STREAMS,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """By stream and choice: accuracy and F1 after the onset, rows until a heal, labels asked for.

    say: told after each choice
    """
    cases: list[dict[str, Any]] = []
    for name in names:
        streams = [_stream(name, seed) for seed in seeds]
        for choice in (NONE, OURS, *RIVALS):
            pairs = zip(streams, seeds, strict=True)
            runs = [_Run(stream, choice, seed).figures() for stream, seed in pairs]
            means = {key: float(np.mean([run[key] for run in runs])) for key in runs[0]}
            spread = {key: float(np.std([run[key] for run in runs])) for key in runs[0]}
            cases.append({"stream": name, "choice": choice, "mean": means, "sd": spread})
            say(f"requests: {name}: {choice}: {means}")
    return {"seeds": [seeds.start, seeds.stop], "cases": cases}


def _stream(name: str, seed: int) -> Unhealable:
    if name in REGIMES:
        return _gaussian(REGIMES[name], seed)
    drawn, model = drawn_and_trained(name.partition(",")[0], seed, ROWS)
    values, labels = drawn.values.copy(), drawn.labels
    moved = random_map(drawn, np.random.default_rng([seed, 7]), 1.0)
    place = np.ix_(labels == 0, drawn.schema.numeric)
    values[place] = values[place] * moved.scale + moved.shift
    return Unhealable(model, values, labels)


def _gaussian(drifted: Regime, seed: int) -> Unhealable:
    segments = (Segment(0.0, G2, is_onset=False), Segment(0.5, drifted))
    stream = Stream(Scenario("window", "", SCHEMA, segments, LabelPolicy()), seed, 2 * ROWS)
    rows = stream.rows(ROWS, ROWS)
    return Unhealable(trained(stream), rows.values, rows.labels)


class _Run:
    """The drifted rows, served by what labels have taught so far."""

    def __init__(self, stream: Unhealable, choice: str, seed: int) -> None:
        self._stream, self._choice, self._seed = stream, choice, seed
        self._rng = np.random.default_rng([seed, 11])
        usual = np.flatnonzero(self._rng.random(ROWS) < LABEL_SHARE).tolist()
        self._due_at: dict[int, int] = {row: row + LABEL_DELAY_ROWS for row in usual}
        self._asked: set[int] = set()
        self._window = FeedbackWindow(ROWS, stream.values.shape[1])
        self._serving = Serving(threshold=stream.model.threshold)
        self._contest = Contest(epoch=0, since_ms=0)
        self._healed_at = ROWS

    def figures(self) -> dict[str, float]:
        """What came of it."""
        called = np.concatenate([self._batch(first) for first in range(0, ROWS, BATCH_ROWS)])
        found = measure(self._stream.labels, called.astype(np.float64))
        return {
            "accuracy": found.accuracy,
            "f1": found.f1,
            "rows_to_heal": float(self._healed_at),
            "asked": float(len(self._asked)),
        }

    def _batch(self, first: int) -> NDArray[np.bool_]:
        """Decisions on the next rows; then what is known by then is learned."""
        model, row = self._stream.model, np.arange(first, first + BATCH_ROWS)
        values, end = self._stream.values[row], first + BATCH_ROWS
        score = compile_model(model, self._serving.adapter).score(values).score
        self._window.add_rows(_rows(row, values, score))
        for due in [row for row, at in self._due_at.items() if at < end]:
            del self._due_at[due]
            self._window.add_label(Label(str(due), int(self._stream.labels[due]), end))
        if end in REQUESTED_ROWS and self._choice != NONE:
            self._ask(end)
        self._learn(end)
        return score >= model.threshold

    def _ask(self, now: int) -> None:
        budget = HealingSettings().label_budget
        rows = self._window.newest(ROWS)
        is_open = np.isnan(rows.label) & ~np.isin(rows.order, list(self._asked))
        rows = rows.part(is_open)
        alike = np.column_stack([rows.values, rows.score])
        if self._choice == OURS:
            chosen = spread_choice(alike, budget, self._rng)
        else:
            chosen = RIVALS[self._choice](rows, budget, self._rng)
        found: list[int] = rows.order[chosen].tolist()
        self._asked.update(found)
        for row, wait in zip(found, self._rng.exponential(ANSWER_ROWS, len(found)), strict=True):
            self._due_at[row] = min(self._due_at.get(row, ROWS), now + int(wait))

    def _learn(self, now: int) -> None:
        model = self._stream.model
        evidence = Evidence(
            model, HealingSettings(), Thresholds(), self._window, self._serving, {}, False
        )
        contest = followed(self._contest, evidence)
        winner = contest.winner_at(*DRIFTING)
        if winner is not None:
            adapter = candidates(contest, self._serving.adapter)[winner]
            epoch = self._serving.epoch + 1
            self._serving = replace(self._serving, version="v", epoch=epoch, adapter=adapter)
            contest, self._healed_at = contest.against(epoch), min(self._healed_at, now)
        if is_due(contest, evidence):
            school = School(self._serving, model, self._seed)
            contest = lesson(contest, lesson_rows(contest, evidence), school)
        self._contest = contest


def _rows(row: NDArray[np.int64], values: Floats, score: Floats) -> ScoredRows:
    return ScoredRows(
        ids=[str(each) for each in row],
        event_ms=row,
        values=values,
        score=score,
        shadow_score=score,
        epoch=np.zeros(len(row), dtype=np.int64),
        weight=np.ones(len(row)),
        conflict=np.zeros(len(row), dtype=np.bool_),
    )
