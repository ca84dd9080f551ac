"""The first prediction that each scorer makes by a version, as a reader of the topic sees it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from bench.errors import BenchError
from selfheal.bus.reader import LogReader
from selfheal.records.codec import decode
from selfheal.records.predictions import Prediction

_READ_RECORDS = 2000


@dataclass(frozen=True, slots=True)
class First:
    """scored_ms: when it was made; read_ms: when it was read here. Unix milliseconds."""

    scored_ms: int
    read_ms: int


class FirstPredictions:
    """Follows `predictions`.

    owners: scorer by partition; predictions go to the partition that their transaction came from
    """

    def __init__(self, reader: LogReader, owners: Mapping[int, str]) -> None:
        self._reader, self._owners = reader, owners
        self._found: dict[tuple[str, str], First] = {}  # by version and scorer

    def of(self, version: str, timeout_s: float) -> list[First]:
        """One for each scorer. Raises BenchError when one of them makes none in time."""
        scorers = set(self._owners.values())
        deadline_s = time.monotonic() + timeout_s
        while missing := [name for name in scorers if (version, name) not in self._found]:
            if time.monotonic() > deadline_s:
                raise BenchError(
                    f"{', '.join(sorted(missing))} made no prediction by {version} within "
                    f"{timeout_s:g} s of its publication"
                )
            self._read()
        return [self._found[version, name] for name in scorers]

    def follow(self, seconds: float) -> None:
        """Read on for so long."""
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            self._read()

    def _read(self) -> None:
        messages = self._reader.poll(_READ_RECORDS, timeout_s=0.01)
        read_ms = time.time_ns() // 1_000_000
        for message in messages:
            prediction = decode(Prediction, message.value)
            place = prediction.version, self._owners[message.partition]
            if place not in self._found:
                self._found[place] = First(prediction.scored_ms, read_ms)
