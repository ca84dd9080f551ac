"""One stream as two systems served it, stretch by stretch: how far apart are they? Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.backtest.figures import figures, healed, no_heal
from cli.backtest.trace import Trace
from selfheal.records.adapters import BASE_VERSION

WHOLE_POINTS = 0.5
"""Points of accuracy that two runs of one stream may be apart, over all settled rows."""

STRETCH_POINTS = 1.0
"""The same over the settled rows of one stretch."""


@dataclass(frozen=True, slots=True, eq=False)
class Ran:
    """What came of a stream in one system.

    trace:     of every row; a row without a prediction counts as one whose truth is not known
    versions:  (n,) that served each row, "" for none
    published: heals; alarms: rows at which a drift was told; verdict: the last one
    """

    trace: Trace
    versions: NDArray[np.str_]
    published: int
    alarms: tuple[int, ...]
    verdict: str

    @property
    def changed_rows(self) -> int:
        """Rows whose score is not, bit by bit, that of the frozen model."""
        is_known = ~np.isnan(self.trace.healed)
        return int(np.count_nonzero((self.trace.healed != self.trace.frozen)[is_known]))

    def told(self) -> dict[str, Any]:
        """For JSON, without the figures."""
        is_healed = (self.versions != BASE_VERSION) & (self.versions != "")
        return {
            "published": self.published,
            "versions": len(set(self.versions.tolist()) - {""}),
            "first_healed_row": int(np.argmax(is_healed)) if is_healed.any() else None,
            "alarms": list(self.alarms),
            "verdict": self.verdict,
            "changed_rows": self.changed_rows,
        }


def side_by_side(
    pipeline: Ran, in_process: Ran, boundaries: Sequence[int], settling_rows: int
) -> dict[str, Any]:
    """Figures of both by stretch and over all rows, and the points of accuracy between them.

    boundaries:    first row of each stretch, and the number of rows
    settling_rows: at the beginning of each stretch but the first, which are told apart: there one
                   system may serve a version that the other one does not have yet
    """
    ends = list(pairwise(boundaries))
    runs = {"pipeline": pipeline, "in_process": in_process}
    is_settled = np.ones(boundaries[-1], dtype=np.bool_)
    for first, last in ends[1:]:
        is_settled[first : min(first + settling_rows, last)] = False
    return {
        "stretches": [_stretch(runs, slice(first, last), is_settled) for first, last in ends],
        "whole": _stretch(runs, slice(0, boundaries[-1]), is_settled),
    }


def misses(compared: Mapping[str, Any]) -> list[str]:
    """Where the two are further apart than they may be; empty where they are not."""
    places = [(each, STRETCH_POINTS) for each in compared["stretches"]]
    places.append((compared["whole"], WHOLE_POINTS))
    return [
        f"rows {place['from']:,} to {place['to']:,}: settled, accuracy is "
        f"{place['settled_points']:+.2f} points apart, may be {most:g}"
        for place, most in places
        if place["settled_points"] is not None and abs(place["settled_points"]) > most
    ]


def harm(run: Ran) -> list[str]:
    """What a run did to a stream in which nothing drifts; empty for nothing."""
    published, changed = run.published, run.changed_rows
    if not published and not changed:
        return []
    return [f"nothing drifts: {published} heals published, {changed:,} rows changed"]


def unkept(lost: int, doubled: int) -> list[str]:
    """Transactions without a prediction, and predictions too many; empty for neither."""
    return [f"{lost:,} lost, {doubled:,} doubled"] if lost or doubled else []


def _stretch(runs: Mapping[str, Ran], rows: slice, is_settled: NDArray[np.bool_]) -> dict[str, Any]:
    pipeline, in_process = (run.trace for run in runs.values())
    settled = np.arange(rows.start, rows.stop)[is_settled[rows]]
    return {
        "from": rows.start,
        "to": rows.stop,
        "settled_rows": len(settled),
        "frozen": figures(no_heal(in_process, rows)),
        **{name: figures(healed(run.trace, rows)) for name, run in runs.items()},
        "rows_to_swap": {name: _rows_to_swap(run.versions[rows]) for name, run in runs.items()},
        "points": _points_apart(pipeline, in_process, np.arange(rows.start, rows.stop)),
        "settled_points": _points_apart(pipeline, in_process, settled),
        "decided_otherwise": int(
            np.count_nonzero(pipeline.decision[settled] != in_process.decision[settled])
        ),
    }


def _rows_to_swap(versions: NDArray[np.str_]) -> int | None:
    """Rows of a stretch until another version serves than at its beginning; None for never."""
    is_other = versions != versions[0]
    return int(np.argmax(is_other)) if is_other.any() else None


def _points_apart(one: Trace, other: Trace, rows: NDArray[np.int64]) -> float | None:
    """Points of accuracy by which `one` is ahead on rows (m,) that both scored; None for no row."""
    labels = one.labels[rows]
    is_known = (labels >= 0) & (other.labels[rows] >= 0)
    if not is_known.any():
        return None
    ahead = (one.decision[rows] == labels).astype(int) - (other.decision[rows] == labels)
    return 100.0 * float(ahead[is_known].mean())
