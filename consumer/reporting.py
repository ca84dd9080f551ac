"""What a scorer tells the world: events, metrics, log lines. No decision is taken here."""

import time
from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version

import numpy as np

from consumer.decoding import Fault
from consumer.live import Live
from consumer.scoring import Scored
from consumer.settings import ScorerSettings
from consumer.stalls import Place, Stalls
from registry.feed import Swap
from registry.refused_record import RefusedRecord
from selfheal.bus.stream_settings import PartitionProgress
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.feedback import Conflict, Sample
from selfheal.records.service_events import (
    BatchDiscarded,
    ModelSwapped,
    PartitionResumed,
    PartitionsAssigned,
    PartitionsRevoked,
    PartitionStalled,
    RecordsDeadLettered,
    ScorerReported,
    ServiceStarted,
    SnapshotRefused,
    SwapApplied,
)
from selfheal.runtime.lifetime import lifetime
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry import metrics
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.meters import Meters


class StageClock:
    """How long each stage of a batch takes; starts when it is made."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began_s = time.perf_counter()

    def done(self, stage: str) -> None:
        """The stage has just ended, and the next one begins."""
        now_s = time.perf_counter()
        self.seconds[stage] = now_s - self._began_s
        self._began_s = now_s


class Reporter:
    """Counts and tells for one scorer."""

    def __init__(
        self, settings: ScorerSettings, topics: Topics, writer: Writer, backbone_hash: str
    ) -> None:
        self.meters = Meters("scorer")
        self._settings, self._topics = settings, topics
        self._backbone_hash = backbone_hash
        self._events = EventLog(
            writer.send,
            topic=topics.events,
            service="scorer",
            instance=settings.instance,
            meters=self.meters,
            clock=_now_ms,
        )
        self._period = Tally[str]()
        self._faults = Tally[str]()
        self._uncommitted = 0
        self._stalls = Stalls()
        self._swap: SwapApplied | None = None
        self._swap_issued_ms = 0
        self._reported_s = time.monotonic()
        self._serving = (BASE_VERSION, 0)
        self._issued_ms = 0
        self.meters.set(
            metrics.BUILD_INFO,
            1,
            release=version("selfheal"),
            service="scorer",
            instance=settings.instance,
        )

    def lifetime(self, stopping: StopSignal) -> AbstractContextManager[None]:
        """Tells that the scorer has started, and how it ended."""
        started = ServiceStarted(version("selfheal"), self._settings.delivery, self._backbone_hash)
        return lifetime(self._events.tell, started, stopping)

    def assigned(self, partitions: Sequence[int], live: Live) -> None:
        """New partitions, with the version that serves them."""
        self._serving = (live.version, live.epoch)
        told = PartitionsAssigned(self._topics.transactions, tuple(partitions), live.version)
        self._events.tell(told)
        self._show(live.version, live.epoch)

    def revoked(self, partitions: Sequence[int]) -> None:
        """Partitions given back."""
        topic = self._topics.transactions
        self._events.tell(PartitionsRevoked(topic, tuple(partitions), is_lost=False))
        for partition in map(str, partitions):
            self.meters.forget(metrics.PARTITION_POSITION, topic=topic, partition=partition)
            self.meters.forget(metrics.PARTITION_STALLED_SECONDS, topic=topic, partition=partition)

    def refused(self, refused: RefusedRecord) -> None:
        """A record of `adapters` that was not accepted."""
        self.meters.add(metrics.SNAPSHOTS_REFUSED, reason=refused.kind.value)
        self._events.tell(
            SnapshotRefused(
                record=refused.record,
                version=refused.version,
                epoch=refused.epoch,
                reason=refused.kind.value,
                kept_version=self._serving[0],
            )
        )

    def swapped(self, previous: Live, swap: Swap, pause_s: float) -> None:
        """A swap is done; it is told once the first batch has been served by it."""
        pointer = swap.pointer
        self._issued_ms = pointer.issued_ms
        self._serving = (pointer.version, pointer.epoch)
        self._show(pointer.version, pointer.epoch)
        before, now = previous.model.hash, pointer.backbone_hash
        if now != before:
            self._events.tell(ModelSwapped(now, before, pointer.version, pointer.epoch))
        elif pointer.version == previous.version:
            return  # the first pointer, to what serves without one, or another threshold
        self._swap = SwapApplied(pointer.version, previous.version, pointer.epoch, pause_s, 0.0)
        self.meters.add(metrics.SWAPS)
        self.meters.observe(metrics.SWAP_SECONDS, pause_s)

    def scored(self, scored: Scored, now_ms: int, stages_s: Mapping[str, float]) -> None:
        """A batch is scored and its predictions are sent. stages_s: seconds in each stage."""
        rows = len(scored.transactions)
        conflicts = int(scored.conflict.sum())
        self._uncommitted += rows
        self._period["rows"] += rows
        self._period["conflicts"] += conflicts
        self.meters.observe(metrics.BATCH_ROWS, rows)
        for stage, seconds in stages_s.items():
            self.meters.observe(metrics.STAGE_SECONDS, seconds, stage=stage)
        ages_s = (now_ms - scored.transactions.event_ms) / 1000.0
        self.meters.observe(metrics.END_TO_END_SECONDS, np.maximum(ages_s, 0.0))
        self.meters.add(metrics.FRAUD_DECISIONS, float(scored.decision.sum()))
        self.meters.add(metrics.CONFLICTS, conflicts)
        if self._swap is not None and rows:
            self._tell_swap(self._swap, now_ms)

    def fed_back(self, records: Sequence[Conflict | Sample], share: float) -> None:
        """Feedback records are sent."""
        tally = Tally(record.kind for record in records)
        for kind, count in tally.items():
            self.meters.add(metrics.FEEDBACK_SENT, count, kind=kind)
        self.meters.set(metrics.SAMPLING_RATIO, share)

    def buried(self, faults: Sequence[Fault]) -> None:
        """Records went to the dead letters; told by kind with the next report."""
        for fault in faults:
            kind = type(fault.error).__name__
            self._faults[kind] += 1
            self.meters.add(
                metrics.DEAD_LETTERS,
                topic=self._topics.transactions,
                stage="decode",
                error_class=kind,
            )

    def committed(self, seconds: float, progress: Sequence[PartitionProgress]) -> None:
        """A Kafka transaction is committed: what it held is there for good."""
        self.meters.add(metrics.SCORED, self._uncommitted)
        self._uncommitted = 0
        self.meters.add(metrics.COMMITS)
        self.meters.observe(metrics.STAGE_SECONDS, seconds, stage="commit")
        for partition in progress:
            self.meters.set(
                metrics.PARTITION_POSITION,
                partition.position,
                topic=self._topics.transactions,
                partition=str(partition.partition),
            )

    def discarded(self, reason: str) -> None:
        """Work since the last commit was taken back."""
        self.meters.add(metrics.BATCHES_DISCARDED, cause="aborted")
        self._events.tell(BatchDiscarded("aborted", self._uncommitted))
        self._uncommitted = 0

    def report(self, live: Live, rate_per_s: float, progress: Sequence[PartitionProgress]) -> None:
        """The regular sign of life, and the dead letters since the last one."""
        now_s = time.monotonic()
        period_s, self._reported_s = now_s - self._reported_s, now_s
        age_s = max(0.0, (_now_ms() - self._issued_ms) / 1000.0) if live.epoch else 0.0
        self.meters.set(metrics.ADAPTER_AGE_SECONDS, age_s)
        self._events.tell(
            ScorerReported(
                version=live.version,
                epoch=live.epoch,
                transactions=self._period["rows"],
                rate_per_s=rate_per_s,
                lag_records=sum(partition.lag_records for partition in progress),
                conflicts=self._period["conflicts"],
                dead_letters=self._faults.total(),
                adapter_age_s=age_s,
                period_s=period_s,
            )
        )
        self._look_for_stalls(progress, now_s)
        for error_class, records in self._faults.items():
            topic = self._topics.transactions
            told = RecordsDeadLettered(topic, "decode", error_class, records, period_s)
            self._events.tell(told)
        self._period.clear()
        self._faults.clear()

    def _look_for_stalls(self, progress: Sequence[PartitionProgress], now_s: float) -> None:
        topic = self._topics.transactions
        places = {p.partition: Place(p.position, p.lag_records) for p in progress}
        self._stalls, news = self._stalls.looked(places, now_s)
        for stall in news:
            if stall.is_over:
                self._events.tell(PartitionResumed(topic, stall.partition, stall.duration_s))
            else:
                told = PartitionStalled(topic, stall.partition, stall.duration_s, stall.lag_records)
                self._events.tell(told)
        for partition, wait_s in self._stalls.waits_s(now_s).items():
            self.meters.set(
                metrics.PARTITION_STALLED_SECONDS, wait_s, topic=topic, partition=str(partition)
            )

    def _tell_swap(self, swap: SwapApplied, now_ms: int) -> None:
        delay_s = max(0.0, (now_ms - self._issued_ms) / 1000.0)
        self.meters.observe(metrics.SWAP_DELAY_SECONDS, delay_s)
        self._events.tell(
            SwapApplied(swap.version, swap.previous_version, swap.epoch, swap.swap_s, delay_s)
        )
        self._swap = None

    def _show(self, serving: str, epoch: int) -> None:
        self.meters.set_only(metrics.ACTIVE_VERSION, version=serving)
        self.meters.set(metrics.ACTIVE_EPOCH, epoch)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
