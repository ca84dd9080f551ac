"""A scorer's rounds: what was polled is scored and sent, swaps are adopted between two batches."""

import time
from collections.abc import Sequence

import numpy as np

from consumer import live as live_model
from consumer.adapter_log import AdapterLog
from consumer.decoding import Fault, TransactionDecoder, Transactions
from consumer.outputs import Outputs
from consumer.poison import PoisonCount
from consumer.rates import Rate
from consumer.reporting import Reporter, StageClock
from consumer.sampling import Sampler, share_within
from consumer.scoring import Scored, feedback, predictions, score
from consumer.settings import ScorerSettings
from consumer.summaries import SummaryBuilder, Traffic
from registry.feed import Swap
from selfheal.bus.batch import Batch
from selfheal.bus.stream import Stream
from selfheal.bus.stream_settings import Committed, Hooks, StreamSettings
from selfheal.bus.topics import Topics
from selfheal.model.model import Model
from selfheal.records import encode
from selfheal.runtime.entry import SafetyLimitError
from selfheal.runtime.secrets import read_secret


class Scorer:
    """One scorer, and what lasts from round to round.

    stream: open it around the rounds; it calls the scorer back when partitions come and go
    """

    def __init__(
        self, settings: ScorerSettings, model: Model, adapters: AdapterLog, reporter: Reporter
    ) -> None:
        self._settings, self._adapters, self._reporter = settings, adapters, reporter
        self._topics = Topics(settings.prefix)
        hooks = Hooks(self._assigned, self._revoked, self._undone)
        self.stream = Stream(settings.bus(), _stream_settings(settings, self._topics), hooks)
        self._outputs = Outputs(self.stream, self._topics, read_secret(settings.feedback_key_file))
        self._sampling_key = read_secret(settings.sampling_key_file)
        self._decoder = TransactionDecoder(model.schema)
        self._live = live_model.base(model)
        self._poison = PoisonCount()
        self._rate = Rate(0.0, time.monotonic())
        self._summary = self._new_summary()
        self._summary_due_s = time.monotonic() + settings.summary_interval_s
        self._is_assigned = False

    def waits_for(self) -> str:
        """What is missing before transactions can be scored; empty when nothing is."""
        return "" if self._is_assigned else "no partitions assigned yet"

    def turn(self) -> None:
        """One round: poll, adopt a swap, score, commit when it is time.

        Raises SafetyLimitError where too many records are bad, and BusError.
        """
        batch = self.stream.poll(self._settings.batch_records)
        looked_s = time.perf_counter()
        if (swap := self._adapters.follow()) is not None:
            self._adopt(swap, looked_s)
        rows = self._score(batch) if len(batch) else 0
        now_s = time.monotonic()
        self._rate = self._rate.counted(rows, now_s)
        if now_s >= self._summary_due_s:
            self._report(now_s)
        outcome = self.stream.commit_if_due(now_s)
        if isinstance(outcome, Committed):
            self._reporter.committed(outcome.seconds, self.stream.progress())

    def _assigned(self, partitions: Sequence[int]) -> None:
        """Nothing is scored by an old version: `adapters` is read to its end first."""
        if (swap := self._adapters.catch_up()) is not None:
            self._adopt(swap, time.perf_counter())
        self._is_assigned = True
        self._reporter.assigned(partitions, self._live)

    def _revoked(self, partitions: Sequence[int]) -> None:
        """The partitions go to others; what was sent is committed right after."""
        self._send_summary()
        self._reporter.revoked(partitions)

    def _undone(self, reason: str) -> None:
        """The work since the last commit comes again: forget what was counted of it."""
        self._summary = self._new_summary()
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
        self._outputs.predictions(_keys(batch, scored.transactions), values)
        self._outputs.feedback(feedback_keys, feedback_values)
        clock.done("send")
        self._reporter.fed_back(records, samples.share)

    def _samplers(self) -> tuple[Sampler, Sampler]:
        """Of samples and of conflicts: shares that keep to their budgets at the present rate."""
        settings, rate = self._settings, self._rate.per_s
        return (
            Sampler(share_within(settings.sample_budget_per_s, rate), self._sampling_key),
            Sampler(share_within(settings.conflict_budget_per_s, rate), self._sampling_key),
        )

    def _bury(self, batch: Batch, faults: list[Fault]) -> None:
        """Dead letters for the bad records, and a stop where there are too many."""
        self._outputs.dead_letters(batch, faults)
        self._reporter.buried(faults)
        is_bad = np.zeros(len(batch), dtype=np.bool_)
        is_bad[[fault.position for fault in faults]] = True
        self._poison = self._poison.counted(is_bad.tolist())
        reason = self._poison.fault(self._settings.poison_run, self._settings.poison_share)
        if reason is not None:
            topic = self._topics.transactions
            raise SafetyLimitError(f"{topic}: {reason}; check the schema's fields")

    def _adopt(self, swap: Swap, began_s: float) -> None:
        """Build the new form aside, then replace one reference: the next batch has it.

        began_s: of the performance counter, when scoring stopped to read and check the adapter
        """
        self._send_summary()
        previous = self._live
        self._live = live_model.swapped(previous, swap)
        if self._live.model.schema != previous.model.schema:  # other levels of a category
            self._decoder = TransactionDecoder(self._live.model.schema)
        self._summary = self._new_summary()
        self._reporter.swapped(previous, swap, time.perf_counter() - began_s)

    def _report(self, now_s: float) -> None:
        """The regular summary and sign of life."""
        self._summary_due_s = now_s + self._settings.summary_interval_s
        self._send_summary()
        self._reporter.report(self._live, self._rate.per_s, self.stream.progress())

    def _send_summary(self) -> None:
        """What was scored since the last summary, where there was anything."""
        if not self._summary.rows:
            return
        lag = sum(partition.lag_records for partition in self.stream.progress())
        summary = self._summary.build(Traffic(self._rate.per_s, lag))
        self._outputs.feedback([self._settings.instance.encode()], [encode(summary)])
        self._summary = self._new_summary()

    def _new_summary(self) -> SummaryBuilder:
        return SummaryBuilder(self._settings.instance, self._live)


def _stream_settings(settings: ScorerSettings, topics: Topics) -> StreamSettings:
    return StreamSettings(
        topics.transactions,
        settings.group,
        is_exactly_once=settings.delivery == "exactly_once",
        interval_s=settings.commit_interval_ms / 1000.0,
        transaction_timeout_s=settings.transaction_timeout_s,
    )


def _keys(batch: Batch, transactions: Transactions) -> list[bytes | None]:
    """Of the valid records, in their order."""
    keys = batch.keys
    if len(transactions) == len(keys):
        return keys
    return [keys[position] for position in transactions.positions.tolist()]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
