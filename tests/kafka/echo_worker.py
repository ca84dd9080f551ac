"""Copies `transactions` to `predictions` until SIGTERM: a scorer without a model, to be killed.

Arguments: bootstrap, prefix, exactly_once | at_least_once.
"""

import signal
import sys
import time

from selfheal.bus.settings import BusSettings
from selfheal.bus.stream import Stream
from selfheal.bus.stream_settings import StreamSettings
from selfheal.bus.topics import Topics


def main(bootstrap: str, prefix: str, mode: str) -> None:
    quick_groups = {"session.timeout.ms": "3000", "heartbeat.interval.ms": "500"}
    bus = BusSettings(bootstrap, prefix, quick_groups)
    topics = Topics(prefix)
    settings = StreamSettings(
        topics.transactions,
        group="echo",
        is_exactly_once=mode == "exactly_once",
        interval_s=0.3,  # long: whenever the process is killed, a transaction is open
        transaction_timeout_s=3.0,
    )
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    with Stream(bus, settings) as stream:
        while not stopping:
            batch = stream.poll(max_records=50)
            stream.send_all(topics.predictions, batch.values, batch.keys)
            stream.commit_if_due(time.monotonic())


if __name__ == "__main__":
    main(*sys.argv[1:])
