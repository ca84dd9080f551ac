"""One demo from start to end."""

import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from cli.demo.follow import follow
from cli.demo.judge import Truth, judge
from cli.demo.plan import DemoPlan
from cli.demo.results import fidi_by_row, write_results
from cli.demo.screen import Screen
from cli.demo.stack import running
from cli.demo.trace import Trace
from healer.policies.article import key_feature
from producer.rows import Rows
from producer.stream import Stream
from selfheal.model.model import Model


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
    truth = truth_of(stream, rows, model)
    trace = Trace(stream.transactions, plan.seed)
    with running(plan, out, bootstrap, prefix, model, console.print) as stack:
        console.print(f"sending {stream.transactions:,} transactions: {stream.scenario.summary}")
        screen = Screen(console, trace, truth)
        follow(stack, trace, stack.start_producer(), screen.show)
        thresholds = stack.thresholds
    report = {
        "scenario": plan.scenario,
        "policy": plan.policy,
        "seed": plan.seed,
        "transactions": stream.transactions,
        **judge(trace, truth),
        "seconds": round(time.monotonic() - began_s, 1),
    }
    index = key_feature(model, plan.healing.get("key_feature", ""))
    mean, sd = float(model.reference.mean[index]), float(model.reference.sd[index])
    z = fidi_by_row(rows.values[:, model.schema.numeric[index]], mean, sd)
    write_results(out, report, trace, truth, model, z, thresholds)
    return report


def trained(stream: Stream) -> Model:
    """The backbone that a scenario is scored with: trained on clean rows that are not in it.

    As published, on raw features: the scenarios' are standard normal already.
    """
    from selfheal.model.training import train  # noqa: PLC0415  (torch takes seconds to load)

    rows = stream.training()
    is_synthetic = stream.scenario.schema.categorical.size == 0
    return train(
        stream.scenario.schema,
        rows.values,
        rows.labels,
        seed=stream.seed,
        standardise=not is_synthetic,
    )


def truth_of(stream: Stream, rows: Rows, model: Model) -> Truth:
    """What really happens in the stream."""
    labels = rows.labels.astype(np.float64)
    return Truth(labels, stream.onsets, model.reference.prior)
