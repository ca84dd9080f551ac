"""One backtest from start to end: survey the file, train, replay, judge, write."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import orjson
from rich.progress import Progress
from threadpoolctl import threadpool_limits

from cli.backtest.baselines import baselines
from cli.backtest.beginning import Survey, beginning, survey
from cli.backtest.figures import judge, judge_costs, judge_rivals, judge_threshold
from cli.backtest.late_labels import LateLabels
from cli.backtest.online_learners import require_river
from cli.backtest.plan import Backtest
from cli.backtest.predictions import writing_predictions
from cli.backtest.replay import replay
from cli.backtest.rivals import Rival
from cli.backtest.trace import Trace
from cli.in_process import InProcess
from consumer.scoring import Scored
from healer.policies import POLICIES
from producer.stretches import Stretch, recut, stretches
from selfheal.records.healing_events import HealFailed
from selfheal.telemetry.export import write_whole

Watch = Callable[[Stretch, Scored, str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report, and how many heals failed by the class of their error: none should."""

    report: dict[str, Any]
    failures: Counter[str]


def run_backtest(asked: Backtest, progress: Progress) -> Outcome:
    """Raises PlanError, ProducerError, ModelError, ExportError."""
    if asked.has_baselines:
        require_river()
    found = survey(asked)
    late = LateLabels(asked.label_delay, asked.label_rate, asked.seed)
    start = beginning(asked, found, progress)
    trace = Trace(
        found.first_row,
        found.truth[found.first_row :],
        start.model.threshold,
        start.model.reference.prior,
    )
    rivals: dict[str, Rival] = {}
    if asked.has_baselines:
        rivals = baselines(start, len(trace), asked.seed, progress)
    healing = asked.healing
    system = InProcess(
        start.model,
        POLICIES[healing.policy],
        healing.settings,
        healing.thresholds,
        costs=asked.costs,
    )
    began_s = time.monotonic()
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(1, user_api="blas"))  # as the scorer: small matrices
        replay(
            recut(
                stretches(found.file, asked.roles, start.model.schema, found.first_row),
                healing.settings.step_rows,
            ),
            found.seen_labels,
            late,
            system,
            trace,
            rivals=tuple(rivals.values()),
            watch=_watch(asked, found, stack, progress),
        )
    report = judge(trace, system.healer.heals, system.healer.verdict)
    scores = {name: rival.scores for name, rival in rivals.items()}
    report["baselines"] = judge_rivals(trace, scores)
    if asked.costs is not None:
        report["costs"] = judge_costs(trace, scores, asked.costs)
        report["threshold"] = judge_threshold(trace, asked.costs)
    report["seconds"] = round(time.monotonic() - began_s, 2)
    if asked.out is not None:
        write_whole(asked.out / "report.json", orjson.dumps(report, option=orjson.OPT_INDENT_2))
    failed = (told.event for told in trace.told if isinstance(told.event, HealFailed))
    return Outcome(report, Counter(event.error_class for event in failed))


def _watch(asked: Backtest, found: Survey, stack: ExitStack, progress: Progress) -> Watch:
    """Shows how far it is, and writes predictions.csv if there is a folder for it."""
    bar = progress.add_task("replaying", total=len(found.truth) - found.first_row)
    if asked.out is None:
        return lambda rows, _scored, _version: progress.advance(bar, len(rows))
    path = asked.out / "predictions.csv"
    predictions = stack.enter_context(writing_predictions(path, found.truth))

    def watch(rows: Stretch, scored: Scored, version: str) -> None:
        progress.advance(bar, len(rows))
        predictions.add(rows, scored, version)

    return watch
