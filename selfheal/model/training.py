"""Training the built-in network on labelled rows."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from selfheal.model.arrays import Flags, Float64
from selfheal.model.calibration import LabelledRows, calibrated_model
from selfheal.model.errors import TrainingError
from selfheal.model.features import Encoder
from selfheal.model.mlp_compiled import compile_mlp
from selfheal.model.model import Model
from selfheal.model.network import SelfHealingMLP, arrays_from, new_network
from selfheal.model.schema import Schema

Progress = Callable[[int, int, float], None]
"""Called after each epoch with its number from 1, the number of epochs, and its mean loss."""


def train(  # noqa: PLR0913  (each is a knob of its own; an object would only rename them)
    schema: Schema,
    values: Float64,
    labels: npt.ArrayLike,
    *,
    seed: int,
    epochs: int = 20,
    learning_rate: float = 1e-3,
    batch_rows: int = 100,
    standardise: bool = True,
    hold_out: float = 0.2,
    progress: Progress | None = None,
) -> Model:
    """A model learned from raw values (n, f) and labels (n,) of 0 and 1 (Adam, minibatches).

    hold_out: share of the rows of each class that training does not see, in [0, 1); the metrics
              and the reference's logits come from them
    The same seed gives the same weights; torch's global generator and threads are left alone.
    Raises TrainingError for labels other than 0 and 1, fewer than two rows of a class, or a loss
    that diverges.
    """
    is_fraud = _checked(values, labels)
    is_held_out = _held_out(is_fraud, hold_out, np.random.default_rng(seed))
    learned = ~is_held_out
    encoder = Encoder.fit(schema, values[learned], standardise=standardise)
    x = torch.from_numpy(encoder.encode(values[learned]))  # (rows, d)
    y = torch.from_numpy(is_fraud[learned].astype(np.float32))  # (rows,)
    generator = torch.Generator().manual_seed(seed)
    network = new_network(encoder.width, generator)
    _silence_unseen(network, x)
    with one_thread():
        losses = fit(
            network,
            x,
            y,
            epochs=epochs,
            learning_rate=learning_rate,
            batch_rows=batch_rows,
            generator=generator,
        )
        for epoch, loss in enumerate(losses, start=1):
            if not np.isfinite(loss):
                raise TrainingError("training: the loss diverged, expected a smaller learning rate")
            if progress is not None:
                progress(epoch, epochs, loss)
    backbone = arrays_from(network)
    facts = {"seed": seed, "epochs": epochs, "learning_rate": learning_rate}
    scorer = compile_mlp(encoder, backbone)
    rows = LabelledRows(values, is_fraud, is_held_out)
    return calibrated_model(encoder, backbone, scorer, rows, facts=facts)


def fit(
    network: SelfHealingMLP,
    x: Tensor,
    y: Tensor,
    *,
    epochs: int,
    learning_rate: float,
    batch_rows: int,
    generator: torch.Generator,
) -> Iterator[float]:
    """Train the network in place on encoded rows (n, d) and labels (n,), both float32.

    Gives the mean loss of each epoch once it is done. Only parameters with gradients move.
    """
    learning = [p for p in network.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(learning, lr=learning_rate)
    for _ in range(epochs):
        order = torch.randperm(len(x), generator=generator)
        total = 0.0
        for rows in order.split(batch_rows):
            optimizer.zero_grad()
            loss = binary_cross_entropy_with_logits(network(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        yield total / len(x)


def _checked(values: Float64, labels: npt.ArrayLike) -> Flags:
    truth = np.asarray(labels).ravel()
    if len(truth) != len(values):
        raise TrainingError(
            f"training: {len(truth)} labels for {len(values)} rows, expected as many"
        )
    if not np.isin(truth, (0, 1)).all():
        raise TrainingError("training: a label is neither 0 nor 1, expected a binary target")
    if min((truth == 0).sum(), (truth == 1).sum()) < 2:
        raise TrainingError("training: fewer than two rows of a class, expected both in numbers")
    return truth == 1


def _held_out(is_fraud: Flags, share: float, rng: np.random.Generator) -> Flags:
    """The rows that training does not see: `share` of each class, at least one and never all."""
    is_held_out = np.zeros_like(is_fraud)
    if share > 0:
        for rows in (np.flatnonzero(is_fraud), np.flatnonzero(~is_fraud)):
            count = min(max(round(share * len(rows)), 1), len(rows) - 1)
            is_held_out[rng.permutation(rows)[:count]] = True
    return is_held_out


def _silence_unseen(network: SelfHealingMLP, x: Tensor) -> None:
    """Give no weight to columns that training never sees set, such as that of unknown levels.

    They get no gradient, so a random first weight would stay: noise on the first unknown level.
    """
    with torch.no_grad():
        first = network.get_parameter("backbone.0.weight")
        first[:, ~x.any(dim=0)] = 0.0


@contextmanager
def one_thread() -> Generator[None]:
    """torch on one core: these matrices are too small to share.

    Threads that wait for each other on cores in use take ten times as long; and sums in one order
    make a seed mean one result.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
