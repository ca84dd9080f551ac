"""What a healer tells the world: events, metrics, requests. No decision is taken here."""

import time
from collections import Counter as Tally
from collections.abc import Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version

import numpy as np

from healer.core import Healer
from healer.performance_meters import show_performance
from healer.scorers import Scorers
from healer.settings import HealerSettings
from healer.traffic_meters import show_traffic
from selfheal.bus.message import Outgoing
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.records import encode
from selfheal.records.events import Event
from selfheal.records.feedback import Feedback, Summary
from selfheal.records.healing_events import (
    BatchJudged,
    CommandExecuted,
    CommandRefused,
    DriftDetected,
    HealFailed,
    HealHeld,
    HealPublished,
    PerformanceEstimated,
    PerformanceRealised,
    PerformanceWithdrawn,
    VersionRolledBack,
)
from selfheal.records.label_requests import LabelRequest
from selfheal.records.service_events import ServiceStarted
from selfheal.runtime.lifetime import lifetime
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry import metrics
from selfheal.telemetry.event_log import EventLog
from selfheal.telemetry.meters import Meters


class Reporter:
    """Counts and tells for one healer."""

    def __init__(
        self, settings: HealerSettings, topics: Topics, writer: Writer, backbone_hash: str
    ) -> None:
        self.meters = Meters("healer")
        self._backbone_hash = backbone_hash
        self._labels_joined = 0
        self._labels_unused: dict[str, int] = {}
        self._scorers = Scorers()
        self._send, self._requests_topic = writer.send, topics.label_requests
        self._polled_s = time.monotonic()
        self._events = EventLog(
            writer.send,
            topic=topics.events,
            service="healer",
            instance=settings.instance,
            meters=self.meters,
            clock=now_ms,
        )
        self.meters.set(
            metrics.BUILD_INFO,
            1,
            release=version("selfheal"),
            service="healer",
            instance=settings.instance,
        )

    def lifetime(self, stopping: StopSignal) -> AbstractContextManager[None]:
        """Tells that the healer has started, and how it ended."""
        started = ServiceStarted(version("selfheal"), "none", self._backbone_hash)
        return lifetime(self.tell, started, stopping)

    def tell(self, event: Event) -> None:
        """Send the event, and count what it means."""
        self._events.tell(event)
        match event:
            case DriftDetected():
                self.meters.add(metrics.DRIFT_ALARMS, drift=event.drift)
                self.meters.set(metrics.DRIFT_STATISTIC, event.statistic, detector=event.detector)
                self.meters.set(metrics.DRIFT_THRESHOLD, event.threshold, detector=event.detector)
            case HealPublished():
                self._healed("published", event.duration_s)
            case HealHeld():
                self._healed("held", event.duration_s)
            case HealFailed():
                self._healed("failed", event.duration_s)
                self.meters.add(metrics.LOOP_ERRORS, error_class=event.error_class)
            case VersionRolledBack():
                self.meters.add(metrics.ROLLBACKS, cause=event.cause)
            case CommandExecuted():
                self.meters.add(metrics.COMMANDS, outcome="executed")
            case CommandRefused():
                self.meters.add(metrics.COMMANDS, outcome="refused")
            case BatchJudged():
                self._judged(event)
            case PerformanceEstimated() | PerformanceWithdrawn() | PerformanceRealised():
                show_performance(self.meters, event)
            case _:
                pass

    def ask(self, requests: Sequence[LabelRequest]) -> None:
        """Ask for labels, on a topic of their own: an event never carries an id."""
        for request in requests:
            record = Outgoing(self._requests_topic, encode(request), request.id.encode())
            self._send(record)
        self.meters.add(metrics.LABELS_REQUESTED, len(requests))

    def polled(self, records: Sequence[Feedback], healer: Healer) -> None:
        """Feedback was read."""
        now_s = time.monotonic()
        self.meters.observe(metrics.POLL_GAP_SECONDS, now_s - self._polled_s)
        self._polled_s = now_s
        for kind, count in Tally(record.kind for record in records).items():
            self.meters.add(metrics.FEEDBACK_READ, count, kind=kind)
        self._scorers_seen(records, now_s)
        self._labels(healer)
        window = healer.window
        self.meters.set(metrics.JOIN_ROWS, window.rows)
        oldest_ms = window.oldest_event_ms
        if oldest_ms is not None:
            horizon_s = max(0.0, (now_ms() - oldest_ms) / 1000.0)
            self.meters.set(metrics.JOIN_HORIZON_SECONDS, horizon_s)

    def standing(self, healer: Healer, *, is_leader: bool) -> None:
        """Who leads, what serves and where it does not yet, and the state."""
        now_s = time.monotonic()
        self.meters.set(metrics.SCORERS, self._scorers.living(now_s))
        behind = self._scorers.behind(healer.served.epoch, now_s)
        self.meters.set(metrics.SCORERS_BEHIND, behind)
        self.meters.set(metrics.IS_LEADER, float(is_leader))
        self.meters.set_only(metrics.STATE, state=healer.state.value)
        self.meters.set_only(metrics.ACTIVE_VERSION, version=healer.served.version)
        self.meters.set(metrics.ACTIVE_EPOCH, healer.served.epoch)
        if (look := healer.look()) is not None:
            show_traffic(self.meters, look)

    def buried(self, topic: str, error_class: str) -> None:
        """A record went to the dead letters."""
        self.meters.add(
            metrics.DEAD_LETTERS, topic=topic, stage="feedback", error_class=error_class
        )

    def _scorers_seen(self, records: Sequence[Feedback], now_s: float) -> None:
        for record in records:
            if isinstance(record, Summary):
                self._scorers = self._scorers.with_summary(record, now_s)

    def _labels(self, healer: Healer) -> None:
        """Labels since the last look: how late they came, and which taught nothing."""
        window = healer.window
        joined = window.joined(self._labels_joined)
        self._labels_joined = window.labels_joined
        self.meters.add(metrics.LABELS_JOINED, len(joined))
        delays_s = (joined.labelled_ms - joined.event_ms) / 1000.0
        self.meters.observe(metrics.LABEL_DELAY_SECONDS, np.maximum(delays_s, 0.0))
        unused = window.labels_unused
        for reason, count in unused.items():
            more = count - self._labels_unused.get(reason, 0)
            self.meters.add(metrics.LABELS_UNUSED, more, reason=reason)
        self._labels_unused = dict(unused)

    def _healed(self, outcome: str, duration_s: float) -> None:
        self.meters.add(metrics.HEALS, outcome=outcome)
        self.meters.observe(metrics.HEAL_SECONDS, duration_s)

    def _judged(self, event: BatchJudged) -> None:
        figures = (
            (metrics.ACCURACY_RATIO, "healed", event.accuracy),
            (metrics.ACCURACY_RATIO, "shadow", event.shadow_accuracy),
            (metrics.F1_RATIO, "healed", event.f1),
            (metrics.F1_RATIO, "shadow", event.shadow_f1),
        )
        for metric, model, figure in figures:
            if figure is not None:
                self.meters.set(metric, figure, model=model)


def now_ms() -> int:
    """Unix milliseconds."""
    return time.time_ns() // 1_000_000
