"""Transactions that wait on the topic before anyone reads them."""

import time

from bench.rig import Rig
from producer.batches import EventClock, synthetic_batches
from producer.transactions import encode_transactions
from selfheal.bus.message import Outgoing
from selfheal.bus.writer import Writer


def write_backlog(rig: Rig) -> int:
    """Write the rig's whole stream to `transactions`, as the producer encodes and keys it.

    The mean size of a message, in bytes.
    """
    scenario = rig.stream.scenario
    clock = EventClock(time.time_ns() // 1_000_000, scenario.rate_per_s)
    written = 0
    with Writer(rig.bus) as writer:
        for batch in synthetic_batches(rig.stream, clock):
            values = encode_transactions(batch, scenario.schema.fields)
            for transaction, value in zip(batch.ids, values, strict=True):
                writer.send(Outgoing(rig.topics.transactions, value, transaction.encode()))
            written += sum(map(len, values))
    return round(written / rig.stream.transactions)
