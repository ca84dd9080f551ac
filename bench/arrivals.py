"""When the records of a run were written, read back from its topic after the run."""

import time

import numpy as np
from numpy.typing import NDArray

from bench.errors import BenchError
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings

_QUIET_S = 20.0
_READ_RECORDS = 5000


def arrival_times_ms(
    bus: BusSettings, topic: str, began_ms: int, records: int
) -> NDArray[np.int64]:
    """(records,) Unix milliseconds at which each was written, of those written from `began_ms` on.

    Reading while the run is on would take its share of the machine: call this afterwards.
    Raises BenchError when fewer come, or more.
    """
    times: list[int] = []
    with LogReader(bus, [topic], start=began_ms) as reader:
        deadline_s = time.monotonic() + _QUIET_S
        while not (len(times) >= records and reader.at_end):
            came = [message.timestamp_ms for message in reader.poll(_READ_RECORDS)]
            times += came
            if came:
                deadline_s = time.monotonic() + _QUIET_S
            elif time.monotonic() > deadline_s:
                break
    if len(times) != records:
        raise BenchError(f"{topic}: {len(times)} records were written, expected {records}")
    return np.array(times, dtype=np.int64)
