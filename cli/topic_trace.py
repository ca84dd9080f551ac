"""Predictions, labels and events of a running system, read from its topics as they are now."""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from selfheal.bus.reader import LogReader, Start
from selfheal.bus.settings import BusSettings
from selfheal.bus.topics import Topics
from selfheal.records import DecodingError, Label, Prediction, decode, decode_feedback
from selfheal.records.healing_events import BatchJudged, StateChanged
from selfheal.telemetry.batches import ScoredStream
from selfheal.telemetry.events import ToldEvent, read_event

_TIMEOUT_S = 120.0


@dataclass(slots=True)
class TopicTrace:
    """What the topics hold. labels: the newest by transaction id."""

    predictions: list[Prediction] = field(default_factory=list[Prediction])
    labels: dict[str, Label] = field(default_factory=dict[str, Label])
    events: list[ToldEvent] = field(default_factory=list[ToldEvent])

    def scored_stream(self) -> ScoredStream:
        """The predictions in the order of their transactions, with labels where they are known."""
        rows = sorted(self.predictions, key=lambda p: (p.event_ms, p.scored_ms))
        labels = [self.labels.get(p.id) for p in rows]
        scored_ms = np.array([p.scored_ms for p in rows], dtype=np.int64)
        return ScoredStream(
            labels=np.array([np.nan if label is None else label.label for label in labels]),
            scores=np.array([p.score for p in rows], dtype=np.float64),
            decisions=np.array([p.decision == 1 for p in rows], dtype=np.bool_),
            shadow_scores=np.array([p.shadow_score for p in rows], dtype=np.float64),
            conflicts=np.array([p.conflict for p in rows], dtype=np.bool_),
            versions=np.array([p.version for p in rows], dtype=np.str_),
            states=self._states(scored_ms),
            z=self._z(scored_ms),
            event_ms=np.array([p.event_ms for p in rows], dtype=np.int64),
        )

    def _states(self, scored_ms: NDArray[np.int64]) -> NDArray[np.str_]:
        states = np.full(len(scored_ms), "HEALTHY", dtype="U12")
        for told in self.events:
            if isinstance(told.event, StateChanged):
                states[scored_ms >= told.at_ms] = told.event.state
        return states

    def _z(self, scored_ms: NDArray[np.int64]) -> NDArray[np.float64]:
        """FIDI as the healer judged its batches; NaN before the first."""
        z = np.full(len(scored_ms), np.nan)
        for told in self.events:
            if isinstance(told.event, BatchJudged) and told.event.z is not None:
                z[scored_ms >= told.at_ms] = told.event.z
        return z


def read_trace(settings: BusSettings, last_minutes: float | None = None) -> TopicTrace:
    """Everything on the topics, or what came in the last minutes.

    Records that cannot be read are left out. Raises BrokerUnreachable, TopicMissing, AccessDenied.
    """
    start: Start = "earliest"
    if last_minutes is not None:
        start = int((time.time() - last_minutes * 60.0) * 1000)
    topics, trace = Topics(settings.prefix), TopicTrace()
    for value in _values(settings, topics.predictions, start):
        _add_prediction(trace, value)
    for value in _values(settings, topics.feedback, "earliest"):
        _add_label(trace, value)
    for value in _values(settings, topics.events, start):
        _add_event(trace, value)
    trace.events.sort(key=lambda told: told.at_ms)
    return trace


def _values(settings: BusSettings, topic: str, start: Start) -> list[bytes | None]:
    with LogReader(settings, [topic], start=start) as reader:
        return [message.value for message in reader.read_to_end(_TIMEOUT_S)]


def _add_prediction(trace: TopicTrace, value: bytes | None) -> None:
    try:
        trace.predictions.append(decode(Prediction, value))
    except DecodingError:
        return


def _add_label(trace: TopicTrace, value: bytes | None) -> None:
    try:
        record = decode_feedback(value)
    except DecodingError:
        return
    if not isinstance(record, Label):
        return
    known = trace.labels.get(record.id)
    if known is None or record.labelled_ms >= known.labelled_ms:
        trace.labels[record.id] = record


def _add_event(trace: TopicTrace, value: bytes | None) -> None:
    try:
        trace.events.append(read_event(value))
    except DecodingError:
        return
