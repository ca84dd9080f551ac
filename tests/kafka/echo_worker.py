"""Copies `transactions` to `predictions` until SIGTERM: a scorer without a model, to be killed.

Arguments: bootstrap, prefix, exactly_once | at_least_once, session time-out in ms.
"""

import signal
import sys
import time

from selfheal.bus.settings import BusSettings
from selfheal.bus.stream import Stream
from selfheal.bus.stream_settings import StreamSettings
from selfheal.bus.topics import Topics

WORK_S = 0.004  # scoring, say: the process is to be in the middle of something when it is killed


def main(bootstrap: str, prefix: str, mode: str, session_timeout_ms: str) -> None:
    groups = {"session.timeout.ms": session_timeout_ms, "heartbeat.interval.ms": "500"}
    bus = BusSettings(bootstrap, prefix, groups)
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
            batch = stream.poll(max_records=20)
            time.sleep(WORK_S)
            stream.send_all(topics.predictions, batch.values, batch.keys)
            stream.commit_if_due(time.monotonic())


if __name__ == "__main__":
    main(*sys.argv[1:])
