"""The limit: read records and write the same bytes with the bare client, in a process of its own.

`python -m bench.echo BOOTSTRAP SOURCE TARGET GROUP RECORDS`. The client has the same properties as
the scorer's; nothing is committed.
"""

import subprocess
import sys
import time

from bench.errors import BenchError
from selfheal.bus.inbox import Inbox
from selfheal.bus.message import Outgoing
from selfheal.bus.outbox import Outbox
from selfheal.bus.settings import BusSettings, consumer_properties, producer_properties

_BATCH_RECORDS = 1000
_QUIET_S = 20.0
_LIMIT_S = 600.0


def echo(bus: BusSettings, source: str, target: str, group: str, records: int) -> float:
    """Copy `records` records from one topic to another, each with its key.

    Microseconds of processor time a record, of all threads of this process.

    Raises BenchError when none comes for a while, and where one could not be written.
    """
    inbox = Inbox(
        consumer_properties(bus, group, "earliest"),
        source,
        on_revoked=lambda _: None,
        on_lost=lambda: None,
    )
    outbox = Outbox(producer_properties(bus))
    inbox.open()
    began_s = time.process_time()
    consume, produce = inbox.consumer.consume, outbox.producer.produce
    left, deadline_s = records, time.monotonic() + _QUIET_S
    while left > 0:
        batch = consume(_BATCH_RECORDS, 0) or consume(1, 0.05)
        for record in batch:
            try:
                produce(target, record.value(), record.key())
            except BufferError:
                outbox.send(Outgoing(target, record.value(), record.key()))  # pyright: ignore[reportArgumentType]
        left -= len(batch)
        if batch:
            deadline_s = time.monotonic() + _QUIET_S
        elif time.monotonic() > deadline_s:
            raise BenchError(f"echo: {left} of {records} records did not come")
    undelivered = outbox.producer.flush(_QUIET_S)
    inbox.close()
    if undelivered or outbox.fault:
        raise BenchError(f"echo: {undelivered or 'some'} records were not delivered")
    return (time.process_time() - began_s) * 1e6 / records


def echo_in_process(bus: BusSettings, source: str, target: str, group: str, records: int) -> float:
    """`echo` in a process that does nothing else. Raises BenchError."""
    arguments = [bus.bootstrap, source, target, group, str(records)]
    ended = subprocess.run(  # noqa: S603  (our own interpreter and module)
        [sys.executable, "-m", "bench.echo", *arguments],
        timeout=_LIMIT_S,
        capture_output=True,
        check=False,
    )
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").splitlines()
        raise BenchError(f"echo failed: {said[-1] if said else 'without a word'}")
    return float(ended.stdout)


if __name__ == "__main__":
    bootstrap, given_source, given_target, given_group, count = sys.argv[1:]
    print(echo(BusSettings(bootstrap), given_source, given_target, given_group, int(count)))
