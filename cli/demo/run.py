"""One demo from start to end."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from cli.demo.backbone import trained
from cli.demo.costs import judge_costs
from cli.demo.follow import follow
from cli.demo.judge import Truth, judge
from cli.demo.plan import DemoPlan
from cli.demo.results import scored_stream, write_results
from cli.demo.rollback_watch import rollback_watch
from cli.demo.screen import Screen
from cli.demo.stack import running
from cli.demo.trace import Trace
from cli.plan_settings import read_healing
from producer.scenarios import DRIFT_STRENGTH
from selfheal.records.thresholds import Thresholds

STUDY_SEEDS = 10


def run_demo(
    plan: DemoPlan, out: Path, bootstrap: str | None, prefix: str, console: Console
) -> dict[str, Any]:
    """Run it, write its results into `out`, and give the report.

    Raises BusError, ChildFailedError, ScenarioError.
    """
    began_s = time.monotonic()
    stream = plan.stream()
    console.print(f"training the backbone on {stream.scenario.training_rows:,} clean rows")
    model = trained(stream)
    rows = stream.rows(0, stream.transactions)
    truth = Truth(rows.labels.astype(np.float64), stream.onsets, model.reference.prior)
    trace = Trace(stream.transactions, plan.seed)
    with running(plan, out, bootstrap, prefix, model, console.print) as stack:
        console.print(f"sending {stream.transactions:,} transactions: {stream.scenario.summary}")
        screen = Screen(console, trace, truth, plan.costs)
        follow(stack, trace, stack.start_producer(), screen.show)
    report = _report(plan, trace, truth, stack.thresholds)
    if plan.scenario == "article" and plan.policy == "article":
        report["study"] = _study(plan, console)
    report["seconds"] = round(time.monotonic() - began_s, 1)
    healing = read_healing(plan.healing)
    write_results(
        out,
        report,
        scored_stream(trace, truth, model, rows.values, healing.key_feature),
        trace.events,
        truth.onsets,
        healing=healing,
        thresholds=stack.thresholds,
    )
    return report


def _report(plan: DemoPlan, trace: Trace, truth: Truth, thresholds: Thresholds) -> dict[str, Any]:
    """What was asked, and what came of it."""
    judged = judge(trace, truth)
    return {
        "scenario": plan.scenario,
        "policy": plan.policy,
        "seed": plan.seed,
        "transactions": trace.rows,
        **judged,
        "costs": judge_costs(trace, truth, judged, plan.costs),
        "rollback_watch": rollback_watch([told.event for told in trace.events], thresholds),
    }


def _study(plan: DemoPlan, console: Console) -> dict[str, Any]:
    """The same recipe over ten seeds without a broker, beside what was published."""
    from cli.demo.article_study import PUBLISHED, article_study  # noqa: PLC0415  (loads torch)

    seeds = range(plan.seed, plan.seed + STUDY_SEEDS)
    strength = float(plan.producer.get("drift_strength", DRIFT_STRENGTH))
    settings = read_healing(plan.healing)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"the recipe over {STUDY_SEEDS} seeds", total=STUDY_SEEDS)
        figures = article_study(seeds, settings, strength, lambda: progress.advance(task))
    return {
        "seeds": [seeds.start, seeds.stop],
        "figures": {name: asdict(spread) for name, spread in figures.items()},
        "published": PUBLISHED,
    }
