"""The running pipeline beside one process without a broker: same rows, labels, settings and cores.

What may differ is when the healer sees a row and when a scorer gets a version: commits, polls and
the swap take time, in which rows go on coming; a heal takes rows as they have arrived by then.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.healing.prequential import Served, serve
from bench.healing.seeds import is_development, parse_seeds
from bench.side_by_side import STRETCH_POINTS, WHOLE_POINTS, Ran, harm, misses, side_by_side, unkept
from cli.backtest.trace import Trace
from cli.demo.backbone import trained
from cli.demo.follow import follow
from cli.demo.judge import story
from cli.demo.plan import DemoPlan
from cli.demo.stack import running
from cli.demo.trace import Trace as SentTrace
from producer.rows import Rows
from producer.scenarios import LATE_LABELS, scenario
from selfheal.bus.embedded import EmbeddedBroker
from selfheal.model.model import Model
from selfheal.records.healing_events import DriftDetected

SCENARIOS = ("recurring", "prior", "concept", "gradual", "null")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PipelinePlan:
    """What is run.

    transactions: of each stream; None takes the scenario's
    rate:         transactions a second; None takes the scenario's
    settling_s:   after the beginning of a stretch, in which the pipeline may be behind
    """

    scenarios: tuple[str, ...] = SCENARIOS
    seeds: tuple[int, ...] = (0, 1)
    transactions: int | None = None
    rate: float | None = None
    scorers: int = 2
    settling_s: float = 2.0

    def asked(
        self,
        scenarios: str | None,
        seeds: str | None,
        transactions: int | None,
        rate: float | None,
        settling_s: float,
    ) -> "PipelinePlan":
        """The plan with what was asked for in its place; None for nothing.

        scenarios, seeds: with commas. Raises ScenarioError, ValueError as they are read.
        """
        return replace(
            self,
            scenarios=scenarios_named(scenarios) if scenarios else self.scenarios,
            seeds=parse_seeds(seeds) if seeds else self.seeds,
            transactions=transactions or self.transactions,
            rate=rate or self.rate,
            settling_s=settling_s,
        )

    def demo(self, name: str, seed: int) -> DemoPlan:
        """One of the demos: the policy `selfheal` and its defaults."""
        length = self.transactions or scenario(name).transactions
        return DemoPlan(name, "selfheal", length, self.scorers, seed, self.rate)


QUICK = PipelinePlan(scenarios=("abrupt",), seeds=(0,), transactions=15_000)


def scenarios_named(text: str) -> tuple[str, ...]:
    """Names of scenarios from a list with commas, in order, each once.

    Raises ScenarioError for one that there is not, and ValueError for one whose labels do not come
    as a backtest's do, as the two runs would learn from others.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",")))
    for name in names:
        if scenario(name).labels != LATE_LABELS:
            raise ValueError(f"{name!r} has labels of its own, there are {', '.join(SCENARIOS)}")
    return names


def measure_pipeline(plan: PipelinePlan, say: Say = lambda _: None) -> dict[str, Any]:
    """The report: each scenario and seed in the pipeline and in one process, side by side.

    say: told after each run. Raises BusError, ChildFailedError, ScenarioError.
    """
    runs: list[dict[str, Any]] = []
    with EmbeddedBroker() as broker:
        for name in plan.scenarios:
            for seed in plan.seeds:
                runs.append(measure_run(plan, name, seed, broker.bootstrap))
                say(f"pipeline: {name}, seed {seed}: {', '.join(runs[-1]['missed']) or 'the same'}")
    return {
        **asdict(plan),
        "is_development": is_development(plan.seeds),
        "stretch_points": STRETCH_POINTS,
        "whole_points": WHOLE_POINTS,
        "is_met": not any(run["missed"] for run in runs),
        "runs": runs,
    }


def measure_run(plan: PipelinePlan, name: str, seed: int, bootstrap: str) -> dict[str, Any]:
    """One scenario and seed; "missed" says what is not as it must be."""
    demo = plan.demo(name, seed)
    stream = demo.stream()
    model, rows = trained(stream), stream.rows(0, stream.transactions)
    in_process = _in_process(serve(model, rows.values, rows.labels, seed))
    sent = _sent(demo, bootstrap, model)
    pipeline = _pipeline(sent, rows, model)
    settling_rows = round(plan.settling_s * (plan.rate or stream.scenario.rate_per_s))
    compared = side_by_side(pipeline, in_process, stream.boundaries, settling_rows)
    return {
        "scenario": name,
        "seed": seed,
        "transactions": stream.transactions,
        "settling_rows": settling_rows,
        "pipeline": pipeline.told() | {"lost": sent.lost, "doubled": sent.doubled},
        "in_process": in_process.told(),
        **compared,
        "missed": [
            *misses(compared),
            *([] if stream.onsets else harm(pipeline)),
            *unkept(sent.lost, sent.doubled),
        ],
    }


def _sent(demo: DemoPlan, bootstrap: str, model: Model) -> SentTrace:
    """The demo's own processes on this broker, from the first transaction to the last."""
    trace = SentTrace(demo.transactions, demo.seed)
    prefix = f"{demo.scenario}-{demo.seed}."
    with (
        TemporaryDirectory(prefix="selfheal-bench-") as folder,
        running(demo, Path(folder), bootstrap, prefix, model, lambda _: None) as stack,
    ):
        follow(stack, trace, stack.start_producer(), lambda: None)
    return trace


def _pipeline(sent: SentTrace, rows: Rows, model: Model) -> Ran:
    labels = np.where(sent.times > 0, rows.labels, -1).astype(np.int8)
    trace = Trace(0, labels, model.threshold, model.reference.prior)
    trace.add(sent.shadow_score, sent.score, sent.decision, "")
    told = story(sent)
    alarms = tuple(told["alarms"])
    return Ran(trace, sent.versions, told["heals"]["published"], alarms, told["verdict"])


def _in_process(served: Served) -> Ran:
    trace, healer = served.trace, served.system.healer
    versions = np.array(trace.versions)[trace.version]
    alarms = tuple(told.row for told in trace.told if isinstance(told.event, DriftDetected))
    return Ran(trace, versions, healer.heals.published, alarms, healer.verdict)
