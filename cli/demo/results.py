"""What a demo leaves in its folder: report.json, the monitoring export, the plots."""

from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from cli.demo.judge import Truth
from cli.demo.trace import Trace
from healer.policy_settings import HealingSettings
from selfheal.model.model import Model
from selfheal.records.healing_events import BatchJudged, StateChanged
from selfheal.records.thresholds import Thresholds
from selfheal.telemetry.batches import BATCH_ROWS, ScoredStream, batch_table
from selfheal.telemetry.export import write_export, write_whole
from selfheal.telemetry.plot_frame import PlotFrame
from selfheal.telemetry.plots import write_plots


def write_results(
    folder: Path,
    report: dict[str, Any],
    trace: Trace,
    truth: Truth,
    model: Model,
    z: NDArray[np.float64],
    thresholds: Thresholds,
) -> list[Path]:
    """Write everything; the paths, for people. z: (rows,) FIDI at each row."""
    stream = scored_stream(trace, truth, model, z)
    exported = write_export(
        folder / "monitoring_export", batch_table(stream), trace.events, thresholds
    )
    settings = HealingSettings()
    frame = PlotFrame(
        stream, truth.onsets, settings.fidi_threshold, settings.conflict_trigger, BATCH_ROWS
    )
    plots = write_plots(frame, folder / "plots")
    write_whole(folder / "report.json", orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return [folder / "report.json", *exported, *plots]


def scored_stream(trace: Trace, truth: Truth, model: Model, z: NDArray[np.float64]) -> ScoredStream:
    """The run in the producer's order."""
    return ScoredStream(
        labels=truth.labels,
        scores=trace.score,
        decisions=trace.decision,
        shadow_scores=trace.shadow_score,
        conflicts=trace.conflict,
        versions=trace.versions,
        states=_states(trace),
        z=z,
        event_ms=trace.event_ms,
        shadow_threshold=model.threshold,
    )


def fidi_by_row(
    values: NDArray[np.float64], mean: float, sd: float, batch_rows: int = BATCH_ROWS
) -> NDArray[np.float64]:
    """(n,) z of each row's batch mean of the key feature, as the article's plot shows it.

    values: (n,) raw values of the key feature
    """
    z = np.full(len(values), np.nan)
    for first in range(0, len(values), batch_rows):
        part = slice(first, first + batch_rows)
        z[part] = abs(float(np.nanmean(values[part])) - mean) / sd
    return z


def judged_batches(trace: Trace) -> list[BatchJudged]:
    """The healer's own figures of each labelled batch, where its policy gives them."""
    return [told.event for told in trace.events if isinstance(told.event, BatchJudged)]


def _states(trace: Trace) -> NDArray[np.str_]:
    """The healer's state at each row: the last one that it told before the row was scored."""
    states = np.full(trace.rows, "HEALTHY", dtype="U12")
    for told in trace.events:
        if isinstance(told.event, StateChanged):
            states[trace.scored_ms >= told.at_ms] = told.event.state
    return states
