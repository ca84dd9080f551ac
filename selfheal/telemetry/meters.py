"""The metrics of one service instance, on a registry of their own. Safe from any thread."""

import threading
from collections.abc import Mapping

import prometheus_client as prometheus
from numpy.typing import ArrayLike

from selfheal.telemetry.errors import MetricError
from selfheal.telemetry.histograms import ArrayHistogram
from selfheal.telemetry.metric_kinds import Counter, Gauge, Histogram, Metric
from selfheal.telemetry.metrics import METRICS_OF


class Meters:
    """Counts what the closed list lets this service count.

    service: scorer, healer or producer
    Raises MetricError for another service, for a metric that this service does not have, and for
    labels that the metric does not have.

    >>> from selfheal.telemetry.metrics import BACK_OFFS, SCORED
    >>> meters = Meters("producer")
    >>> meters.add(BACK_OFFS)
    >>> meters.add(SCORED)
    Traceback (most recent call last):
    selfheal.telemetry.errors.MetricError: producer has no metric selfheal_transactions_scored_total
    """

    def __init__(self, service: str) -> None:
        if service not in METRICS_OF:
            raise MetricError(f"no service is called {service}, expected {', '.join(METRICS_OF)}")
        self.registry = prometheus.CollectorRegistry()
        self._service = service
        self._lock = threading.Lock()
        self._counters: dict[Counter, prometheus.Counter] = {}
        self._gauges: dict[Gauge, prometheus.Gauge] = {}
        self._histograms: dict[Histogram, ArrayHistogram] = {}
        self._series: dict[Gauge, set[tuple[str, ...]]] = {}
        prometheus.ProcessCollector(registry=self.registry)
        for metric in METRICS_OF[service]:
            self._register(metric)

    def add(self, counter: Counter, amount: float = 1.0, **labels: str) -> None:
        """Count `amount` more. Raises ValueError for a negative one."""
        values = self._values(counter, labels)
        collector = self._counters[counter]
        (collector.labels(*values) if values else collector).inc(amount)

    def set(self, gauge: Gauge, value: float, **labels: str) -> None:
        """The gauge is at `value` from now on."""
        values = self._values(gauge, labels)
        collector = self._gauges[gauge]
        with self._lock:
            self._series[gauge].add(values)
            (collector.labels(*values) if values else collector).set(value)

    def set_only(self, gauge: Gauge, value: float = 1.0, **labels: str) -> None:
        """The gauge has these labels and no others: for an `_info` metric, whose labels change."""
        self.set(gauge, value, **labels)
        present = tuple(labels[name] for name in gauge.labels)
        with self._lock:
            for other in self._series[gauge] - {present}:
                self._forget(gauge, other)

    def forget(self, gauge: Gauge, **labels: str) -> None:
        """Drop a series, as that of a partition given away. Nothing happens where there is none."""
        values = self._values(gauge, labels)
        with self._lock:
            if values in self._series[gauge]:
                self._forget(gauge, values)

    def observe(self, histogram: Histogram, observed: ArrayLike, **labels: str) -> None:
        """Count one value, or each of an array of any shape; NaN is left out."""
        values = self._values(histogram, labels)
        self._histograms[histogram].observe(observed, values)

    def text(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return prometheus.generate_latest(self.registry)

    def _register(self, metric: Metric) -> None:
        if isinstance(metric, Histogram):
            collector = ArrayHistogram(metric.name, metric.meaning, metric.bounds, metric.labels)
            self.registry.register(collector)
            self._histograms[metric] = collector
        elif isinstance(metric, Gauge):
            self._gauges[metric] = prometheus.Gauge(
                metric.name, metric.meaning, metric.labels, registry=self.registry
            )
            self._series[metric] = set()
        else:
            counter = prometheus.Counter(
                metric.name, metric.meaning, metric.labels, registry=self.registry
            )
            for value in metric.values:
                counter.labels(value)
            self._counters[metric] = counter

    def _values(self, metric: Metric, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The label values in the metric's order."""
        if metric not in METRICS_OF[self._service]:
            raise MetricError(f"{self._service} has no metric {metric.name}")
        if labels.keys() != set(metric.labels):
            expected = ", ".join(metric.labels) or "none"
            raise MetricError(
                f"{metric.name} got labels {', '.join(labels) or 'none'}, expected {expected}"
            )
        return tuple(labels[name] for name in metric.labels)

    def _forget(self, gauge: Gauge, values: tuple[str, ...]) -> None:
        self._series[gauge].discard(values)
        self._gauges[gauge].remove(*values)
