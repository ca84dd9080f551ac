"""A scorer's own metrics at one moment."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from bench.errors import BenchError
from cli.demo.children import Child
from selfheal.telemetry import metrics

STAGES = ("decode", "score", "encode", "send", "commit")


@dataclass(frozen=True, slots=True)
class Scrape:
    """What a scorer has counted since its start.

    rows:       transactions scored; committed: those of them that are committed
    stage_s:    seconds spent, by stage
    samples:    sample records sent
    cpu_s:      seconds of processor time, of all its threads
    partitions: of `transactions` that it owns
    """

    rows: int
    committed: int
    stage_s: Mapping[str, float]
    samples: int
    cpu_s: float
    partitions: frozenset[int]

    def stages_us(self, earlier: Scrape) -> dict[str, float]:
        """Microseconds a transaction in each stage, since an earlier scrape.

        Raises BenchError when nothing was scored in between.
        """
        rows = self._rows_since(earlier)
        return {
            stage: (self.stage_s.get(stage, 0.0) - earlier.stage_s.get(stage, 0.0)) * 1e6 / rows
            for stage in STAGES
        }

    def cpu_us(self, earlier: Scrape) -> float:
        """Microseconds of processor time a transaction, since an earlier scrape. Likewise."""
        return (self.cpu_s - earlier.cpu_s) * 1e6 / self._rows_since(earlier)

    def sample_share(self, earlier: Scrape) -> float:
        """Of the transactions since an earlier scrape, the share sent as samples. Likewise."""
        return (self.samples - earlier.samples) / self._rows_since(earlier)

    def _rows_since(self, earlier: Scrape) -> int:
        rows = self.rows - earlier.rows
        if rows <= 0:
            raise BenchError("nothing was scored between two looks, expected a longer run")
        return rows


NOTHING = Scrape(0, 0, {}, 0, 0.0, frozenset())
"""Of a scorer that has not begun."""


def scrape(scorer: Child) -> Scrape | None:
    """Its metrics now; None while it does not answer."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{scorer.port}/metrics", timeout=5) as answer:
            return parse_scrape(answer.read().decode())
    except (urllib.error.URLError, OSError):
        return None


def parse_scrape(text: str) -> Scrape:
    """The figures in a scorer's metrics, in Prometheus' text format."""
    rows = committed = samples = 0
    cpu_s = 0.0
    stage_s: dict[str, float] = {}
    partitions: set[int] = set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            match sample.name:
                case "selfheal_batch_rows_sum":
                    rows = int(sample.value)
                case metrics.SCORED.name:
                    committed = int(sample.value)
                case "selfheal_batch_stage_seconds_sum":
                    stage_s[sample.labels["stage"]] = sample.value
                case metrics.FEEDBACK_SENT.name if sample.labels["kind"] == "sample":
                    samples = int(sample.value)
                case "process_cpu_seconds_total":
                    cpu_s = sample.value
                case metrics.PARTITION_POSITION.name:
                    partitions.add(int(sample.labels["partition"]))
    return Scrape(rows, committed, stage_s, samples, cpu_s, frozenset(partitions))
