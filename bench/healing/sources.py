"""Where rows come from that are not Gaussian: real sets, a skewed family, a bank's cards."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bench.healing.real_rows import REAL, draw_real
from bench.healing.skewed_rows import draw_skewed
from producer.cards import CARD_SCHEMA, card_portfolio
from producer.realistic import Traffic
from producer.rows import Floats
from selfheal.model.model import Model
from selfheal.model.schema import Schema
from selfheal.model.training import train

SOURCES = (*REAL, "cards", "skewed")

TRAINING_ROWS, CARDS_TRAINING_ROWS = 5_000, 10_000
"""Of cards more, as few of them are frauds. Never more than rows of the stream."""

_CARDS_FRAUD = 0.03
_STREAM, _RESAMPLING = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Rows of one source, in which nothing drifts.

    train_values, values: (m, f) and (n, f) raw values; train_labels, labels: 0 or 1
    """

    schema: Schema
    train_values: Floats
    train_labels: NDArray[np.int8]
    values: Floats
    labels: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.labels)


def draw(source: str, seed: int, rows: int) -> Drawn:
    """Training rows and a stream of so many rows. Raises BenchError where river is missing."""
    rng = np.random.default_rng([seed, _STREAM])
    training = min(rows, TRAINING_ROWS)
    if source in REAL:
        schema, trained, streamed = draw_real(source, rng, training, rows)
    elif source == "skewed":
        schema, trained, streamed = draw_skewed(seed, rng, training, rows)
    else:
        schema, trained, streamed = _cards(seed, rng, rows)
    return Drawn(schema, *trained, *streamed)


def _cards(
    seed: int, rng: np.random.Generator, rows: int
) -> tuple[Schema, tuple[Floats, NDArray[np.int8]], tuple[Floats, NDArray[np.int8]]]:
    """Another bank for each seed; the stream follows the training rows, as the day goes on."""
    traffic = Traffic(card_portfolio(_CARDS_FRAUD, structure=seed))
    training = min(rows, CARDS_TRAINING_ROWS)
    parts: list[tuple[Floats, NDArray[np.int8]]] = []
    for first, last in ((0, training), (training, training + rows)):
        row = np.arange(first, last)
        drawn = traffic.draw(rng, row, np.zeros(len(row)))
        parts.append((drawn.values, drawn.labels))
    return CARD_SCHEMA, parts[0], parts[1]


def with_fraud_share(drawn: Drawn, train: float, stream: Floats, seed: int) -> Drawn:
    """Rows drawn again from these, class by class, with these shares of fraud.

    train: of the training rows; stream: (n,) of each row of the stream
    """
    rng = np.random.default_rng([seed, _RESAMPLING])
    shares = np.full(len(drawn.train_labels), train)
    trained = _resampled(drawn.train_labels, shares, rng)
    streamed = _resampled(drawn.labels, stream, rng)
    return Drawn(
        drawn.schema,
        drawn.train_values[trained],
        drawn.train_labels[trained],
        drawn.values[streamed],
        drawn.labels[streamed],
    )


def _resampled(
    labels: NDArray[np.int8], share: Floats, rng: np.random.Generator
) -> NDArray[np.int64]:
    """For each of `share` (n,), a row of that class: (n,) positions."""
    is_fraud = rng.random(len(share)) < share
    frauds = rng.choice(np.flatnonzero(labels == 1), len(share))
    others = rng.choice(np.flatnonzero(labels == 0), len(share))
    return np.where(is_fraud, frauds, others)


@lru_cache(maxsize=16)
def drawn_and_trained(source: str, seed: int, rows: int) -> tuple[Drawn, Model]:
    """`draw`, and the model of its training rows: made once for all drifts of a seed."""
    found = draw(source, seed, rows)
    return found, model_of(found, seed)


def model_of(drawn: Drawn, seed: int) -> Model:
    """As `selfheal train` would make it."""
    return train(drawn.schema, drawn.train_values, drawn.train_labels, seed=seed)
