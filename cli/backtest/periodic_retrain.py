"""The same network, trained anew every so often on everything labelled: what many teams do."""

import numpy as np
from numpy.typing import NDArray

from producer.rows import Floats
from selfheal.model.compiled import compile_model
from selfheal.model.errors import TrainingError
from selfheal.model.model import Model
from selfheal.model.training import train

MOST_ROWS = 50_000
"""Newest labelled rows that a retrain learns from."""


class PeriodicRetrain:
    """Scores by the newest training.

    model:      serves until the first retrain
    values, labels: (n, f), (n,) the rows that it was trained on; may be empty
    every_rows: rows of the stream between two retrains, > 0
    """

    def __init__(
        self, model: Model, values: Floats, labels: NDArray[np.int8], every_rows: int, seed: int
    ) -> None:
        self._schema, self._seed, self._every_rows = model.schema, seed, every_rows
        self._compiled = compile_model(model)
        self._values, self._labels = [values], [labels]
        self._next = every_rows

    def score(self, values: Floats) -> NDArray[np.float64]:
        """P(fraud) of raw values (n, f): (n,)."""
        return self._compiled.score(values).score

    def learn(self, values: Floats, labels: NDArray[np.int8], scored: int) -> None:
        """Keep the rows; train where it is time."""
        self._values.append(values)
        self._labels.append(labels)
        if scored >= self._next:
            self._next = scored + self._every_rows
            self._retrain()

    def _retrain(self) -> None:
        """On the newest rows; what serves stays where they cannot teach, for lack of a class."""
        values = np.concatenate(self._values)[-MOST_ROWS:]
        labels = np.concatenate(self._labels)[-MOST_ROWS:]
        self._values, self._labels = [values], [labels]
        try:
            self._compiled = compile_model(train(self._schema, values, labels, seed=self._seed))
        except TrainingError:
            return
