"""What a heal costs on one core, and how fast a backtest is in which nothing is healed.

The jobs are those that the policy `selfheal` runs beside the polling: a heal from rows without
labels, a lesson from labels. Each repetition has rows of its own. Times are those of the thread
itself, as others may use the machine too; a backtest's rate is by the clock as well.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from rich.progress import Progress
from threadpoolctl import threadpool_limits

from bench.clean_file import TARGET, write_clean_file
from bench.heal_windows import DriftedRows, drifted_rows
from bench.machine import machine
from cli.backtest.beginning import beginning, survey
from cli.backtest.plan import Backtest, healing_plan
from cli.backtest.run import run_backtest
from healer.contest import lesson_of
from healer.experts import skip_expert, tree_expert
from healer.label_free import label_free_heal
from healer.lessons import School
from healer.policy import Serving
from healer.policy_settings import HealingSettings
from producer.tables import ColumnRoles
from selfheal.model.folder import write_folder

ROWS = 500
"""Of a heal without labels, and labels of a lesson."""

_POLICIES = ("none", "selfheal")
_NO_PROGRESS = Progress(disable=True)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class HealsPlan:
    """How often, and how much.

    repetitions:   of each heal and each lesson, 1 or more
    backtest_rows: of each replay, after the training rows
    training_rows: at the beginning of each replayed file
    features:      of the replayed files, 10 or more each
    """

    repetitions: int = 30
    backtest_rows: int = 300_000
    training_rows: int = 5_000
    features: tuple[int, ...] = (10, 30)
    seed: int = 0


QUICK = HealsPlan(repetitions=4, backtest_rows=20_000, features=(10,))


def measure_heals(plan: HealsPlan, say: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds of each kind of heal; rows a second of a backtest without heals."""
    heals: list[dict[str, Any]] = []
    lessons: list[dict[str, Any]] = []
    with threadpool_limits(1, user_api="blas"):  # as the services
        for drifted in drifted_rows(ROWS * (plan.repetitions + 1), plan.seed):
            say(f"heals: {drifted.name}")
            heals.append(_heals(drifted, plan.seed))
            lessons.append(_lessons(drifted, plan.seed))
    return {
        "machine": machine(),
        "rows": ROWS,
        "repetitions": plan.repetitions,
        "heals": heals,
        "lessons": lessons,
        "backtests": _backtests(plan, say),
    }


def _heals(drifted: DriftedRows, seed: int) -> dict[str, Any]:
    """Heals without labels. The first one, which also works out what is kept of a model, is apart.

    outcomes: how often each reason was given for what was decided
    """
    serving = Serving(threshold=drifted.model.threshold)
    settings = HealingSettings(seed=seed)
    taken_ms: list[float] = []
    outcomes = Counter[str]()
    for window in drifted.windows(ROWS):
        proposal, ms = _timed(
            lambda rows=window: label_free_heal(drifted.model, serving, None, rows, settings)
        )
        taken_ms.append(ms)
        outcomes[proposal.gate.reason] += 1
    return {
        "rows": drifted.name,
        "features": drifted.features,
        "by": "likelihood" if drifted.is_normal else "ranks",
        "first_ms": round(taken_ms[0], 2),
        "ms": _spread(taken_ms[1:]),
        "outcomes": dict(outcomes),
    }


def _lessons(drifted: DriftedRows, seed: int) -> dict[str, Any]:
    """Lessons from labels: the linear correction and the trees by themselves, and all together."""
    model = drifted.model
    school = School(Serving(threshold=model.threshold), model, seed)
    linear_ms: list[float] = []
    trees_ms: list[float] = []
    lesson_ms: list[float] = []
    for window in drifted.windows(ROWS):
        lesson = lesson_of(window, None, model)
        linear_ms.append(_timed(lambda taught=lesson: skip_expert(taught))[1])
        trees_ms.append(_timed(lambda taught=lesson: tree_expert(taught, seed))[1])
        lesson_ms.append(_timed(lambda rows=window: school.taught(rows))[1])
    return {
        "rows": drifted.name,
        "linear_ms": _spread(linear_ms[1:]),
        "trees_ms": _spread(trees_ms[1:]),
        "lesson_ms": _spread(lesson_ms[1:]),
    }


def _backtests(plan: HealsPlan, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Replays in which nothing drifts; a tenth of the rows is labelled, 2,000 rows late."""
    rates: list[dict[str, Any]] = []
    with TemporaryDirectory() as folder:
        for features in plan.features:
            asked = _clean_backtest(Path(folder), features, plan)
            for policy in _POLICIES:
                say(f"backtest: {features} features, policy {policy}")
                rates.append({"features": features, **_rate(asked, policy)})
    return rates


def _clean_backtest(folder: Path, features: int, plan: HealsPlan) -> Backtest:
    """A file, and the model of its first rows."""
    path, model = folder / f"clean-{features}.csv", folder / f"model-{features}"
    write_clean_file(path, plan.training_rows + plan.backtest_rows, features, plan.seed)
    asked = Backtest(
        path=str(path),
        roles=ColumnRoles(target=TARGET),
        healing=healing_plan("none", (), plan.seed),
        train_rows=plan.training_rows,
        seed=plan.seed,
    )
    write_folder(model, beginning(asked, survey(asked), _NO_PROGRESS).model)
    return replace(asked, model=model)


def _rate(asked: Backtest, policy: str) -> dict[str, Any]:
    """By the clock, of the replay alone; and in processor time, the labels' survey included."""
    began_s = time.process_time()
    asked = replace(asked, healing=replace(asked.healing, policy=policy))
    report = run_backtest(asked, _NO_PROGRESS).report
    cpu_s = time.process_time() - began_s
    return {
        "policy": policy,
        "rows": report["rows"],
        "heals": report["heals"]["attempted"],
        "rows_per_s": round(report["rows"] / report["seconds"]),
        "cpu_us": round(1e6 * cpu_s / report["rows"], 2),
    }


def _timed(job: Callable[[], Found]) -> tuple[Found, float]:
    """What the job gives, and its milliseconds of this thread."""
    began_s = time.thread_time()
    found = job()
    return found, 1_000.0 * (time.thread_time() - began_s)


def _spread(taken_ms: list[float]) -> dict[str, float]:
    middle, high = np.quantile(taken_ms, [0.5, 0.95]).tolist()
    return {"median": round(middle, 2), "p95": round(high, 2)}
