"""Batches at their pace, and what is written of each."""

import time
from collections.abc import Iterable, Iterator

import structlog

from producer.batches import Batch
from producer.outflow import Outflow
from producer.pacing import Pace
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry import metrics
from selfheal.telemetry.meters import Meters

_MOST_ROWS = 1_000
"""Sent at once, however many are due."""

_SHORTEST_WAIT_S = 0.02
"""A slow pace sends some rows at a time and sleeps between."""

_logger = structlog.get_logger("producer")


def paced(batches: Iterable[Batch], pace: Pace, stopping: StopSignal) -> Iterator[Batch]:
    """The batches cut into parts, each handed on when its rows are due, until asked to stop."""
    began_s, sent = time.monotonic(), 0
    for batch in batches:
        first = 0
        while first < len(batch) and not stopping:
            elapsed_s = time.monotonic() - began_s
            due = pace.rows_due(elapsed_s, at_most=sent + _MOST_ROWS) - sent
            if due <= 0:
                stopping.wait(max(pace.wait_s(sent + 1, elapsed_s), _SHORTEST_WAIT_S))
                continue
            part = batch.part(first, min(first + due, len(batch)))
            yield part
            first, sent = first + len(part), sent + len(part)
        if stopping:
            return


class Sender:
    """Writes transactions and the labels that are due with them, counts, and tells how far it is.

    next_row:          the row after the last one that was sent
    report_interval_s: between lines of progress
    """

    def __init__(
        self,
        outflow: Outflow,
        topics: Topics,
        writer: Writer,
        *,
        first_row: int,
        report_interval_s: float,
    ) -> None:
        self._outflow, self._topics, self._writer = outflow, topics, writer
        self._report_interval_s = report_interval_s
        self._requests: LogReader | None = None
        self.meters = Meters("producer")
        self.next_row = first_row
        self._labels = 0
        self._reported_s, self._reported_row = time.monotonic(), first_row

    def listen_to(self, requests: LogReader) -> None:
        """Have the labels that are asked for on this topic answered, from now on."""
        self._requests = requests

    def send(self, batch: Batch) -> None:
        """One batch and the labels that are due with it; delivered once the writer is flushed."""
        if self._requests is not None:
            asked = self._requests.poll(timeout_s=0.0)
            self._outflow.ask((message.key or b"").decode("utf-8", "replace") for message in asked)
        outgoings = self._outflow.send(batch)
        for key, value in outgoings.transactions:
            self._writer.send(Outgoing(self._topics.transactions, value, key))
        for key, value in outgoings.labels:
            self._writer.send(Outgoing(self._topics.feedback, value, key))
        self.next_row = batch.first_row + len(batch)
        self._labels += len(outgoings.labels)
        self.meters.add(metrics.PRODUCED, len(batch))
        self.meters.add(metrics.LABELS_PRODUCED, len(outgoings.labels))
        self._report(time.monotonic())

    def _report(self, now_s: float) -> None:
        """A line of progress, when it is time."""
        elapsed_s = now_s - self._reported_s
        if elapsed_s < self._report_interval_s:
            return
        per_s = (self.next_row - self._reported_row) / elapsed_s
        _logger.info("rows.sent", next_row=self.next_row, labels=self._labels, per_s=round(per_s))
        self._reported_s, self._reported_row = now_s, self.next_row
