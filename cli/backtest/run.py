"""One backtest from start to end: survey the file, train, replay, judge."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from cli.backtest.figures import judge
from cli.backtest.late_labels import LateLabels
from cli.backtest.plan import HealingPlan, PlanError, training_rows
from cli.backtest.replay import replay
from cli.backtest.trace import Trace
from cli.in_process import InProcess
from healer.policies import POLICIES
from producer.files import File, open_file
from producer.stretches import read_labels, recut, stretches
from producer.tables import ColumnRoles, read_table
from selfheal.model.folder import read_folder
from selfheal.model.model import Model


@dataclass(frozen=True, slots=True)
class Backtest:
    """What is to be replayed, and how.

    train_rows: None takes a share of the file; with a model, rows that it was trained on
    model:      folder of a trained model; None trains one on the first rows
    """

    path: str
    roles: ColumnRoles
    healing: HealingPlan
    train_rows: int | None = None
    model: Path | None = None
    label_delay: int = 2_000
    label_rate: float = 0.1
    seed: int = 0
    out: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What is known of a file before anything is trained.

    truth:       (rows,) int8, 0, 1, or -1 where it is not known
    seen_labels: (rows,) int8, those that learning may see
    """

    file: File
    truth: NDArray[np.int8]
    seen_labels: NDArray[np.int8]


def survey(asked: Backtest) -> Survey:
    """Reads the labels alone, so that a bad one is told now. Raises SourceError."""
    file = open_file(asked.path)
    file.require(asked.roles.named)
    target, seen = asked.roles.target, asked.roles.labels
    if target is None:
        raise PlanError("no target: name the column of the truth")
    truth = read_labels(file, target)
    return Survey(file, truth, read_labels(file, seen) if seen else truth)


def run_backtest(asked: Backtest, progress: Progress) -> dict[str, Any]:
    """The report. Raises PlanError, ProducerError, ModelError, ExportError."""
    began_s = time.monotonic()
    found = survey(asked)
    first_row = _first_row(asked, len(found.truth))
    model = _model(asked, found, first_row, progress)
    system = InProcess(
        model,
        POLICIES[asked.healing.policy],
        asked.healing.settings,
        asked.healing.thresholds,
    )
    trace = Trace(first_row, found.truth[first_row:], model.threshold, model.reference.prior)
    rows = stretches(found.file, asked.roles, model.schema, first_row)
    scored = progress.add_task("replaying", total=len(trace))
    replay(
        recut(rows, asked.healing.settings.step_rows),
        found.seen_labels,
        LateLabels(asked.label_delay, asked.label_rate, asked.seed),
        system,
        trace,
        watch=lambda rows, *_: progress.advance(scored, len(rows)),
    )
    report = judge(trace, system.healer.heals, system.healer.verdict)
    report["baselines"] = {}
    report["seconds"] = round(time.monotonic() - began_s, 2)
    return report


def _first_row(asked: Backtest, rows: int) -> int:
    """Where the replay begins: after the rows that train, or that trained the model."""
    if asked.model is not None and asked.train_rows is None:
        return 0
    return training_rows(rows, asked.train_rows)


def _model(asked: Backtest, found: Survey, rows: int, progress: Progress) -> Model:
    if asked.model is None:
        return _trained(asked, found, rows, progress)
    model = read_folder(asked.model)
    found.file.require(model.schema.names)
    return model


def _trained(asked: Backtest, found: Survey, rows: int, progress: Progress) -> Model:
    """The model that `selfheal train --rows` would make of the same rows."""
    is_known = found.truth[:rows] >= 0
    _require_both_classes(asked.path, found.truth[:rows][is_known])
    table = read_table(asked.path, asked.roles, rows=rows)
    from selfheal.model.training import train  # noqa: PLC0415  (torch takes seconds to load)

    epochs = progress.add_task("training", total=None)
    return train(
        table.schema,
        table.values[is_known],
        table.labels[is_known],
        seed=asked.seed,
        progress=lambda done, total, _loss: progress.update(epochs, completed=done, total=total),
    )


def _require_both_classes(path: str, labels: NDArray[np.int8]) -> None:
    if len(np.unique(labels)) < 2:
        raise PlanError(
            f"{path}: the target has one class only in the {len(labels):,} labelled rows for "
            "training, expected both 0 and 1; train on more with --train-rows"
        )
