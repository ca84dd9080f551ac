"""Starts an embedded broker, prints its Java process and its folder, and waits to be ended."""

import signal

from selfheal.bus.embedded import EmbeddedBroker


def main() -> None:
    """Until a signal comes."""
    with EmbeddedBroker() as broker:
        print(broker.pid, broker.folder, flush=True)
        signal.pause()


if __name__ == "__main__":  # doctests are collected by importing every module
    main()
