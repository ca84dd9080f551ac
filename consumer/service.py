"""The scorer: polls, calls the core once a batch, sends, commits. Decides nothing itself."""

import gc
import time
from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
from threadpoolctl import threadpool_limits  # pyright: ignore[reportMissingTypeStubs]

from consumer import live as live_model
from consumer.adapter_log import AdapterLog
from consumer.decoding import Fault, TransactionDecoder, Transactions
from consumer.poison import PoisonCount
from consumer.rates import Rate
from consumer.reporting import Reporter, StageClock
from consumer.sampling import Sampler, share_within
from consumer.scoring import Scored, feedback, predictions, score
from consumer.settings import ScorerSettings
from consumer.summaries import SummaryBuilder, Traffic
from registry.acceptance import Acceptance
from registry.feed import AdapterFeed, Swap
from registry.keys import read_verifier
from selfheal.bus.batch import Batch
from selfheal.bus.dead_letters import dead_letter
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.stream import Stream
from selfheal.bus.stream_settings import Committed, Hooks, StreamSettings
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.compiled import compile_model
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.records import encode
from selfheal.records.authenticity import CODE_HEADER, feedback_code
from selfheal.runtime.entry import SafetyLimitError
from selfheal.runtime.secrets import read_secret
from selfheal.runtime.settings import SettingsError
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import MetricsServer


def run(settings: ScorerSettings, stopping: StopSignal) -> None:
    """Score until asked to stop; then commit, leave the group and return.

    Raises SettingsError, ModelError, BusError, RegistryError, and SafetyLimitError where the input
    is not what the schema says.
    """
    model = read_folder(settings.model)
    feed = AdapterFeed(_acceptance(settings, model))
    bus, topics = settings.bus(), Topics(settings.prefix)
    require_topics(bus, [spec.name for spec in topics.specs()])
    with ExitStack() as stack:
        # One thread multiplies as fast as several where the arrays are this small, and several
        # that wait for each other on cores in use took ten times as long.
        stack.enter_context(threadpool_limits(1, user_api="blas"))
        writer = stack.enter_context(Writer(bus))
        reporter = Reporter(settings, topics, writer, model.hash)
        reader = stack.enter_context(LogReader(bus, [topics.adapters]))
        scorer = Scorer(
            settings, topics, model, AdapterLog(reader, feed, reporter.refused), reporter
        )
        stack.enter_context(
            MetricsServer(
                reporter.meters,
                live=lambda: "",
                ready=scorer.waits_for,
                host=settings.metrics_host,
                port=settings.metrics_port,
            )
        )
        _spare_the_collector()
        with reporter.lifetime(stopping):
            _loop(scorer, bus=bus, settings=settings, topics=topics, stopping=stopping)


def _loop(
    scorer: "Scorer",
    *,
    bus: BusSettings,
    settings: ScorerSettings,
    topics: Topics,
    stopping: StopSignal,
) -> None:
    stream_settings = StreamSettings(
        topics.transactions,
        settings.group,
        is_exactly_once=settings.delivery == "exactly_once",
        interval_s=settings.commit_interval_ms / 1000.0,
        transaction_timeout_s=settings.transaction_timeout_s,
    )
    hooks = Hooks(scorer.assigned, scorer.revoked, scorer.undone)
    with Stream(bus, stream_settings, hooks) as stream:
        scorer.stream = stream
        while not stopping:
            scorer.turn(stream.poll(settings.batch_records))


def _spare_the_collector() -> None:
    """Let garbage collections be rare: a batch's records are gone without any, by their counts.

    By default there is one a batch, and each in a while goes through all that was ever imported:
    3 to 4 % of the scorer's time.
    """
    gc.freeze()
    gc.set_threshold(10_000)


def _acceptance(settings: ScorerSettings, model: Model) -> Acceptance:
    if settings.require_signature and settings.public_keys is None:
        raise SettingsError("public_keys: missing, expected a folder, or require_signature = false")
    verifier = read_verifier(settings.public_keys) if settings.public_keys else None
    return Acceptance(verifier, model.hash, lambda adapter: compile_model(model, adapter))


class Scorer:
    """One scorer's loop body and what lasts from batch to batch."""

    stream: Stream

    def __init__(
        self,
        settings: ScorerSettings,
        topics: Topics,
        model: Model,
        adapters: AdapterLog,
        reporter: Reporter,
    ) -> None:
        self._settings, self._topics, self._reporter = settings, topics, reporter
        self._adapters = adapters
        self._decoder = TransactionDecoder(model.schema)
        self._live = live_model.base(model)
        self._poison = PoisonCount()
        self._rate = Rate(0.0, time.monotonic())
        self._sampling_key = read_secret(settings.sampling_key_file)
        self._feedback_key = read_secret(settings.feedback_key_file)
        self._summary = SummaryBuilder(settings.instance, self._live)
        self._summary_due_s = time.monotonic() + settings.summary_interval_s
        self._is_assigned = False

    def waits_for(self) -> str:
        """What is missing before transactions can be scored; empty when nothing is."""
        return "" if self._is_assigned else "no partitions assigned yet"

    def turn(self, batch: Batch) -> None:
        """One round: adopt a swap, score what was polled, commit when it is time."""
        looked_s = time.perf_counter()
        if (swap := self._adapters.follow()) is not None:
            self._swap(swap, looked_s)
        rows = self._score(batch) if len(batch) else 0
        now_s = time.monotonic()
        self._rate = self._rate.counted(rows, now_s)
        if now_s >= self._summary_due_s:
            self._summarise(now_s)
        outcome = self.stream.commit_if_due(now_s)
        if isinstance(outcome, Committed):
            self._reporter.committed(outcome.seconds, self.stream.progress())

    def assigned(self, partitions: Sequence[int]) -> None:
        """Nothing is scored by an old version: `adapters` is read to its end first."""
        if (swap := self._adapters.catch_up()) is not None:
            self._swap(swap, time.perf_counter())
        self._is_assigned = True
        self._reporter.assigned(partitions, self._live)

    def revoked(self, partitions: Sequence[int]) -> None:
        """The partitions go to others; what was sent is committed right after."""
        self._send_summary(time.monotonic())
        self._reporter.revoked(partitions)

    def undone(self, reason: str) -> None:
        """The work since the last commit comes again: forget what was counted of it."""
        self._summary = SummaryBuilder(self._settings.instance, self._live)
        self._reporter.discarded(reason)

    def _score(self, batch: Batch) -> int:
        """Score and send; how many transactions were valid."""
        now_ms, clock = _now_ms(), StageClock()
        times = batch.timestamps_ms if self._decoder.reads_record_times else ()
        transactions, faults = self._decoder.decode(batch.values, times)
        clock.done("decode")
        scored = score(transactions, self._live, self._settings.conflict_min)
        clock.done("score")
        self._send(batch, scored, now_ms, clock)
        self._reporter.scored(scored, now_ms, clock.seconds)
        self._summary.add(scored)
        self._bury(batch, faults)
        return len(transactions)

    def _send(self, batch: Batch, scored: Scored, now_ms: int, clock: StageClock) -> None:
        samples, conflicts = self._samplers()
        values = predictions(scored, self._live, now_ms)
        records = feedback(scored, self._live, samples, conflicts, now_ms)
        feedback_keys = [record.id.encode() for record in records]
        feedback_values = list(map(encode, records))
        clock.done("encode")
        keys = _keys(batch, scored.transactions)
        self.stream.send_all(self._topics.predictions, values, keys)
        self._send_feedback(feedback_keys, feedback_values)
        clock.done("send")
        self._reporter.fed_back(records, samples.share)

    def _send_feedback(self, keys: list[bytes], values: list[bytes]) -> None:
        topic = self._topics.feedback
        if not self._feedback_key:
            self.stream.send_all(topic, values, keys)
            return
        for key, value in zip(keys, values, strict=True):
            code = feedback_code(self._feedback_key, key, value)
            self.stream.send(Outgoing(topic, value, key, ((CODE_HEADER, code),)))

    def _bury(self, batch: Batch, faults: list[Fault]) -> None:
        """Dead letters for the bad records, and a stop where there are too many."""
        for fault in faults:
            message = batch.message(fault.position)
            topic, error = self._topics.transactions_dlq, fault.error
            self.stream.send(dead_letter(message, topic, "decode", "DecodingError", str(error)))
        self._reporter.buried(faults)
        is_bad = np.zeros(len(batch), dtype=np.bool_)
        is_bad[[fault.position for fault in faults]] = True
        self._poison = self._poison.counted(is_bad.tolist())
        reason = self._poison.fault(self._settings.poison_run, self._settings.poison_share)
        if reason is not None:
            raise SafetyLimitError(
                f"{self._topics.transactions}: {reason}; check the schema's fields"
            )

    def _swap(self, swap: Swap, began_s: float) -> None:
        """Build the new form aside, then replace one reference: the next batch has it.

        began_s: of the performance counter, when scoring stopped to read and check the adapter
        """
        self._send_summary(time.monotonic())
        previous = self._live
        self._live = live_model.swapped(previous, swap)
        self._summary = SummaryBuilder(self._settings.instance, self._live)
        self._reporter.swapped(previous, swap, time.perf_counter() - began_s)

    def _summarise(self, now_s: float) -> None:
        self._summary_due_s = now_s + self._settings.summary_interval_s
        self._send_summary(now_s)
        self._reporter.report(self._live, self._rate.per_s, self.stream.progress())

    def _send_summary(self, now_s: float) -> None:
        if not self._summary.rows:
            return
        lag = sum(partition.lag_records for partition in self.stream.progress())
        summary = self._summary.build(Traffic(self._rate.per_s, lag))
        self._send_feedback([self._settings.instance.encode()], [encode(summary)])
        self._summary = SummaryBuilder(self._settings.instance, self._live)

    def _samplers(self) -> tuple[Sampler, Sampler]:
        """Shares that keep samples and conflicts within their budgets at the present rate."""
        settings, rate = self._settings, self._rate.per_s
        return (
            Sampler(share_within(settings.sample_budget_per_s, rate), self._sampling_key),
            Sampler(share_within(settings.conflict_budget_per_s, rate), self._sampling_key),
        )


def _keys(batch: Batch, transactions: Transactions) -> list[bytes | None]:
    keys = batch.keys
    if len(transactions) == len(keys):
        return keys
    return [keys[position] for position in transactions.positions.tolist()]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
