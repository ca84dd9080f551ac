"""Before the replay: what the file's labels say, and the model, given or trained."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.progress import Progress

from cli.backtest.plan import Backtest, training_rows
from cli.plan_settings import PlanError
from producer.files import File, open_file
from producer.rows import Floats
from producer.stretches import read_labels
from producer.tables import Table, read_table
from selfheal.model.folder import read_folder
from selfheal.model.model import Model


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a file before anything is trained.

    truth:       (rows,) int8, 0, 1, or -1 where it is not known
    seen_labels: (rows,) int8, those that learning may see
    first_row:   of the replay
    """

    file: File
    truth: NDArray[np.int8]
    seen_labels: NDArray[np.int8]
    first_row: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """The model that serves first, and the labelled rows before the replay: (n, f) and (n,)."""

    model: Model
    values: Floats
    labels: NDArray[np.int8]


def survey(asked: Backtest) -> Survey:
    """Reads the labels of the whole file and nothing else, so that a bad one is told now.

    Raises SourceError, PlanError.
    """
    file = open_file(asked.path)
    file.require(asked.roles.named)
    target, seen = asked.roles.target, asked.roles.labels
    if target is None:
        raise PlanError("no target: name the column of the truth")
    truth = read_labels(file, target)
    if asked.model is not None and asked.train_rows is None:
        first_row = 0
    else:
        first_row = training_rows(len(truth), asked.train_rows)
    return Survey(file, truth, read_labels(file, seen) if seen else truth, first_row)


def beginning(asked: Backtest, found: Survey, progress: Progress) -> Beginning:
    """The model in its folder, or one trained on the first rows.

    Raises ModelError, SourceError, PlanError.
    """
    if asked.model is None:
        return _trained(asked, found, progress)
    model = read_folder(asked.model)
    found.file.require(model.schema.names)
    if not (found.first_row and asked.has_baselines):
        return Beginning(model, np.empty((0, len(model.schema.features))), found.truth[:0])
    table = read_table(asked.path, asked.roles, model.schema, found.first_row)
    return Beginning(model, *_labelled(table))


def _trained(asked: Backtest, found: Survey, progress: Progress) -> Beginning:
    """The model that `selfheal train --rows` would make of the same rows, schema included."""
    truth = found.truth[: found.first_row]
    if len(np.unique(truth[truth >= 0])) < 2:
        raise PlanError(
            f"{asked.path}: the target has one class only in the first {found.first_row:,} rows, "
            "expected both 0 and 1 to train on; take more with --train-rows"
        )
    table = read_table(asked.path, asked.roles, rows=found.first_row)
    values, labels = _labelled(table)
    from selfheal.model.training import train  # noqa: PLC0415  (torch takes seconds to load)

    epochs = progress.add_task("training", total=None)
    model = train(
        table.schema,
        values,
        labels,
        seed=asked.seed,
        progress=lambda done, total, _loss: progress.update(epochs, completed=done, total=total),
    )
    return Beginning(model, values, labels)


def _labelled(table: Table) -> tuple[Floats, NDArray[np.int8]]:
    is_known = table.labels >= 0
    return table.values[is_known], table.labels[is_known]
