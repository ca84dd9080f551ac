"""A Prometheus histogram that takes a whole array at once: one call a batch, each row counted."""

import threading
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class ArrayHistogram(Collector):
    """Counts observations between ascending bounds, for each combination of label values.

    The client library's own histogram takes one value a call: a loop over the rows of a batch
    would cost more than scoring them. Safe from any thread.
    """

    def __init__(
        self, name: str, meaning: str, bounds: Sequence[float], labels: Sequence[str] = ()
    ) -> None:
        self._name = name
        self._meaning = meaning
        self._bounds = np.asarray(bounds, dtype=np.float64)  # (b,)
        self._labels = tuple(labels)
        self._counts: dict[tuple[str, ...], np.ndarray] = {}  # (b + 1,) int64, not cumulative
        self._sums: dict[tuple[str, ...], float] = {}
        self._lock = threading.Lock()
        if not labels:
            self.observe((), ())

    def observe(self, values: ArrayLike, label_values: tuple[str, ...]) -> None:
        """Count each value; a value equal to a bound is below it. NaN is not counted."""
        flat = np.asarray(values, dtype=np.float64).ravel()
        flat = flat[~np.isnan(flat)]
        places = np.searchsorted(self._bounds, flat, side="left")
        counts = np.bincount(places, minlength=self._bounds.size + 1)
        with self._lock:
            self._counts[label_values] = self._counts.get(label_values, 0) + counts
            self._sums[label_values] = self._sums.get(label_values, 0.0) + float(flat.sum())

    def collect(self) -> Iterable[HistogramMetricFamily]:
        """The counts as the client library exposes them, cumulative over the bounds."""
        family = HistogramMetricFamily(self._name, self._meaning, labels=self._labels)
        bounds = [*(str(bound) for bound in self._bounds), "+Inf"]
        with self._lock:
            for values, counts in self._counts.items():
                cumulative = np.cumsum(counts).tolist()
                family.add_metric(
                    values,
                    buckets=list(zip(bounds, cumulative, strict=True)),
                    sum_value=self._sums[values],
                )
        yield family
