"""Faults again and again, with fixed seeds: how often, and the table at the end.

REPEAT=N in the environment repeats each of them N times; `make faults REPEAT=N` does.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

REPEAT = int(os.environ.get("REPEAT", "1"))
HEADINGS = ("fault", "times", "in", "out", "lost", "doubled", "back after", "verdict")


@dataclass(frozen=True)
class Outcome:
    """What a fault did.

    repetitions:            how often it was injected
    records_in, records_out: what went into the system, and what came out of it; of a healer, the
                            heals that were due and those that were published in the end
    lost, doubled:          by id, of those that went in; of a healer, versions of which only a
                            half was published, and records that were written twice
    recovery_s:             until all was done that had come in, from each injection on
    """

    fault: str
    repetitions: int
    records_in: int
    records_out: int
    lost: int
    doubled: int
    recovery_s: list[float]

    def cells(self) -> tuple[str, ...]:
        """As a row of the table."""
        counts = (self.repetitions, self.records_in, self.records_out, self.lost, self.doubled)
        verdict = "broken" if self.lost or self.doubled else "kept"
        return (
            self.fault,
            *(f"{count:,}" for count in counts),
            f"{max(self.recovery_s):.1f} s",
            verdict,
        )


_ROW = "fault"  # the name under which a test's report carries its row, from any worker


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """More repetitions may take more time."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(120 * REPEAT))


@pytest.fixture
def repetitions() -> int:
    """How often a fault is injected."""
    return REPEAT


@pytest.fixture
def report(record_property: Callable[[str, object], None]) -> Callable[[Outcome], None]:
    """Put a row into the table at the end."""

    def report(outcome: Outcome) -> None:
        record_property(_ROW, outcome.cells())

    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    ended = [
        test
        for outcome in ("passed", "failed")
        for test in terminalreporter.getreports(outcome)
        if test.when == "call"
    ]
    outcomes = [row for test in ended for name, row in test.user_properties if name == _ROW]
    if not outcomes:
        return
    rows = [HEADINGS, *sorted(map(tuple, outcomes))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    terminalreporter.section("faults")
    for row in rows:
        first, *others = (
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        terminalreporter.write_line("  ".join([first, *others]))
