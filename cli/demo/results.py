"""What a demo leaves in its folder: report.json, the monitoring export, the plots."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from cli.demo.judge import Truth
from cli.demo.trace import Trace
from healer.policies.article import key_feature
from healer.policy_settings import HealingSettings
from selfheal.drift.fidi import fidi
from selfheal.model.model import Model
from selfheal.records.healing_events import StateChanged
from selfheal.records.thresholds import Thresholds
from selfheal.telemetry.batches import BATCH_ROWS, ScoredStream, batch_table
from selfheal.telemetry.events import ToldEvent
from selfheal.telemetry.export import write_export, write_whole
from selfheal.telemetry.plot_frame import PlotFrame
from selfheal.telemetry.plots import write_plots


def write_results(
    folder: Path,
    report: dict[str, Any],
    stream: ScoredStream,
    events: Sequence[ToldEvent],
    onsets: Sequence[int],
    *,
    healing: HealingSettings,
    thresholds: Thresholds,
) -> None:
    """Write everything. onsets: first row of each drift."""
    write_export(folder / "monitoring_export", batch_table(stream), events, thresholds)
    frame = PlotFrame(
        stream, tuple(onsets), healing.fidi_threshold, healing.conflict_trigger, BATCH_ROWS
    )
    write_plots(frame, folder / "plots")
    write_whole(folder / "report.json", orjson.dumps(report, option=orjson.OPT_INDENT_2))


def scored_stream(
    trace: Trace, truth: Truth, model: Model, values: NDArray[np.float64], key: str
) -> ScoredStream:
    """The run in the producer's order.

    values: (rows, f) raw values of the stream; key: feature of FIDI, "" for the model's own choice
    """
    feature = key_feature(model, key)
    column = values[:, model.schema.numeric[feature]]
    mean, sd = float(model.reference.mean[feature]), float(model.reference.sd[feature])
    return ScoredStream(
        labels=truth.labels,
        scores=trace.score,
        decisions=trace.decision,
        shadow_scores=trace.shadow_score,
        conflicts=trace.conflict,
        versions=trace.versions,
        states=_states(trace),
        z=fidi_by_row(column, mean, sd),
        event_ms=trace.event_ms,
        shadow_threshold=model.threshold,
    )


def fidi_by_row(
    values: NDArray[np.float64], mean: float, sd: float, batch_rows: int = BATCH_ROWS
) -> NDArray[np.float64]:
    """(n,) FIDI of each row's batch alone, as the article plots it; NaN for a batch without values.

    values: (n,) of the key feature, NaN where missing; mean, sd: of its calibration
    """
    z = np.full(len(values), np.nan)
    for first in range(0, len(values), batch_rows):
        batch = values[first : first + batch_rows]
        known = batch[~np.isnan(batch)]
        if len(known):
            z[first : first + batch_rows] = fidi([float(known.mean())], mean, sd)
    return z


def _states(trace: Trace) -> NDArray[np.str_]:
    """The healer's state at each row: the last one that it told before the row was scored."""
    states = np.full(trace.rows, "HEALTHY", dtype="U12")
    for told in trace.events:
        if isinstance(told.event, StateChanged):
            states[trace.scored_ms >= told.at_ms] = told.event.state
    return states
