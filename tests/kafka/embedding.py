"""Starts an embedded broker, prints its Java process and its folder, and waits to be ended."""

import signal

from selfheal.bus.embedded import EmbeddedBroker

with EmbeddedBroker() as broker:
    print(broker.pid, broker.folder, flush=True)
    signal.pause()
