"""`selfheal bench`: the project's own figures on this machine."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import orjson
import typer

from bench.heal_tables import heals_tables
from bench.healing.seeds import JUDGING, parse_seeds
from bench.label_tables import estimates_table, requests_table
from bench.tables import digits_table, monitors_tables, swap_table, throughput_table
from cli import bench_examples
from cli.bench_screen import failures, say, show
from cli.exits import BAD_USAGE, FAILED, stop
from cli.options import AsJson
from producer.errors import ScenarioError
from selfheal.telemetry.export import write_whole

app = typer.Typer(
    help="Measure this system on this machine.", no_args_is_help=True, rich_markup_mode="rich"
)

QUICK_TRANSACTIONS = 100_000
QUICK_SWAPS = 10

Quick: TypeAlias = Annotated[bool, typer.Option("--quick", help="One short round: a first look.")]
ReportFile: TypeAlias = Annotated[
    Path | None, typer.Option(help="File for the report.", show_default="none is written")
]
Seed: TypeAlias = Annotated[int, typer.Option(min=0, help="Of the stream and the model.")]


@app.command(epilog=bench_examples.THROUGHPUT)
def throughput(
    transactions: Annotated[int, typer.Option(min=20_000, help="Messages of each run.")] = 400_000,
    rounds: Annotated[int, typer.Option(min=1, help="Each runs every contestant once.")] = 3,
    quick: Quick = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Transactions a second, with everything on, beside what the bare Kafka client can do."""
    from bench.throughput import measure_throughput  # noqa: PLC0415  (loads what trains a model)

    if quick:
        transactions, rounds = min(transactions, QUICK_TRANSACTIONS), 1
    with failures():
        report = measure_throughput(transactions, rounds, seed, say)
    show(report, [throughput_table(report)], as_json=as_json)


@app.command(epilog=bench_examples.SWAP)
def swap(
    swaps: Annotated[int, typer.Option(min=2, help="Versions that are published.")] = 50,
    rate: Annotated[float, typer.Option(min=100.0, help="Transactions a second.")] = 5_000.0,
    scorers: Annotated[int, typer.Option(min=1, max=6, help="Scorer processes.")] = 2,
    quick: Quick = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """How soon a published version serves, over all scorers under load, and what a swap costs."""
    from bench.swap import SwapPlan, measure_swaps  # noqa: PLC0415  (loads what trains a model)

    plan = SwapPlan(min(swaps, QUICK_SWAPS) if quick else swaps, rate, scorers, seed)
    with failures():
        report = measure_swaps(plan, say)
    show(report, [swap_table(report)], as_json=as_json)


@app.command(epilog=bench_examples.DIGITS)
def digits(
    seeds: Annotated[int, typer.Option(min=1, help="Networks, splits and noises, from 0 on.")] = 10,
    quick: Quick = False,
    as_json: AsJson = False,
) -> None:
    """Heal an image classifier: adapters after four layers, Gaussian noise, 500 samples."""
    from bench.digits import QUICK, measure_digits  # noqa: PLC0415  (loads torch)

    with failures():
        report = measure_digits(1, QUICK) if quick else measure_digits(seeds, say=say)
    show(report, [digits_table(report)], as_json=as_json)


@app.command(epilog=bench_examples.HEALING)
def healing(
    tables: Annotated[
        str | None, typer.Option(help="Which, such as T1,T8.", show_default="all")
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(help="0-9 judge; 900-999 are for development.", show_default="0-9"),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="One seed, a few tables, short streams: a first look.")
    ] = False,
    as_json: AsJson = False,
    out: ReportFile = None,
) -> None:
    """What healing must reach and what it reaches, table by table, beside what it is judged by."""
    from bench.healing.screen import healing_tables, verdict_line  # noqa: PLC0415  (loads torch)
    from bench.healing.tables import (  # noqa: PLC0415
        QUICK_TABLES,
        TABLES,
        measure_healing,
        tables_named,
    )

    try:
        names = tables_named(tables) if tables else QUICK_TABLES if quick else tuple(TABLES)
        judging = parse_seeds(seeds) if seeds else JUDGING[:1] if quick else JUDGING
    except ValueError as error:
        raise stop(str(error), BAD_USAGE) from None
    with failures():
        report = measure_healing(names, judging, is_quick=quick, say=say)
        if out is not None:
            write_whole(out, orjson.dumps(report, option=orjson.OPT_INDENT_2))
    show(report, [*healing_tables(report), verdict_line(report)], as_json=as_json)


@app.command(epilog=bench_examples.OVERHEAD)
def overhead(
    seconds: Annotated[int, typer.Option(min=5, help="Of the stream, at each traffic.")] = 60,
    samples_per_s: Annotated[int, typer.Option(min=1, help="The sampling budget.")] = 200,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Processor time of the healer's core at 1,000, 10,000 and 100,000 transactions a second."""
    from bench.overhead import (  # noqa: PLC0415  (loads torch)
        OverheadPlan,
        measure_overhead,
        overhead_table,
    )

    with failures():
        plan = OverheadPlan(seconds=seconds, samples_per_s=samples_per_s, seed=seed)
        report = measure_overhead(plan, say)
    show(report, [overhead_table(report)], as_json=as_json)


@app.command(epilog=bench_examples.HEALS)
def heals(
    repetitions: Annotated[int, typer.Option(min=1, help="Of each heal and lesson.")] = 30,
    rows: Annotated[int, typer.Option(min=10_000, help="Of each backtest.")] = 300_000,
    quick: Quick = False,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Milliseconds of a heal and of a lesson on one core; rows a second of a backtest."""
    from bench.heals import QUICK, HealsPlan, measure_heals  # noqa: PLC0415  (loads torch)

    plan = HealsPlan(repetitions=repetitions, backtest_rows=rows, seed=seed)
    with failures():
        report = measure_heals(replace(QUICK, seed=seed) if quick else plan, say)
    show(report, heals_tables(report), as_json=as_json)


@app.command(epilog=bench_examples.MONITORS)
def monitors(quick: Quick = False, as_json: AsJson = False) -> None:
    """How often drift monitors alarm without drift at several batch sizes, and how soon with it."""
    from bench.monitors import QUICK, MonitorsPlan, measure_monitors  # noqa: PLC0415  (loads torch)

    with failures():
        report = measure_monitors(QUICK if quick else MonitorsPlan(), say)
    show(report, monitors_tables(report), as_json=as_json)


@app.command(epilog=bench_examples.ESTIMATES)
def estimates(
    first_seed: Annotated[int, typer.Option(min=0, help="900-999 are for development.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Models and streams.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Accuracy and F1 expected without labels beside the truth: where that holds, and where not."""
    from bench.estimates import measure_estimates  # noqa: PLC0415  (loads torch)

    with failures():
        report = measure_estimates(range(first_seed, first_seed + seeds), say)
    show(report, [estimates_table(report)], as_json=as_json)


@app.command(epilog=bench_examples.REQUESTS)
def requests(
    first_seed: Annotated[int, typer.Option(min=0, help="900-999 are for development.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="Models and streams.")] = 3,
    streams: Annotated[
        str | None,
        typer.Option(help="Numbers of the streams, such as 1,4.", show_default="all five"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How soon labels heal where only labels can help, by whose labels are asked for."""
    from bench.label_requests import measure_requests, streams_named  # noqa: PLC0415  (torch)

    try:
        names = streams_named(streams)
    except ValueError as error:
        raise stop(str(error), BAD_USAGE) from None
    with failures():
        report = measure_requests(range(first_seed, first_seed + seeds), names, say)
    show(report, [requests_table(report)], as_json=as_json)


@app.command(epilog=bench_examples.PIPELINE)
def pipeline(
    scenarios: Annotated[
        str | None,
        typer.Option(help="Names, such as prior,null.", show_default="five, each with other drift"),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(help="900-999 are for development.", show_default="0,1")
    ] = None,
    transactions: Annotated[
        int | None, typer.Option(min=1_000, help="Of each.", show_default="the scenario's")
    ] = None,
    rate: Annotated[
        float | None,
        typer.Option(min=100.0, help="Transactions a second.", show_default="the scenario's"),
    ] = None,
    settling_s: Annotated[
        float, typer.Option(min=0.0, help="By which the pipeline may be behind after a change.")
    ] = 2.0,
    quick: Quick = False,
    as_json: AsJson = False,
    out: ReportFile = None,
) -> None:
    """The running system beside the same cores in one process: how far apart they are."""
    from bench.pipeline import QUICK, PipelinePlan, measure_pipeline  # noqa: PLC0415  (loads torch)
    from bench.pipeline_tables import pipeline_tables  # noqa: PLC0415

    usual = QUICK if quick else PipelinePlan()
    try:
        plan = usual.asked(scenarios, seeds, transactions, rate, settling_s)
    except (ScenarioError, ValueError) as error:
        raise stop(str(error), BAD_USAGE) from None
    with failures():
        report = measure_pipeline(plan, say)
        if out is not None:
            write_whole(out, orjson.dumps(report, option=orjson.OPT_INDENT_2))
    show(report, pipeline_tables(report), as_json=as_json)
    if not report["is_met"]:
        raise stop("the pipeline does not give what one process gives", FAILED)
