"""The prequential loop: score a few rows, and only then learn from what is known by then."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from cli.backtest.late_labels import LateLabels, RowLabels
from cli.backtest.rivals import Rival
from cli.backtest.trace import Told, Trace
from cli.in_process import InProcess
from consumer.scoring import Scored
from producer.stretches import Stretch
from selfheal.records.feedback import Label

SOURCE = "backtest"


def replay(
    stretches: Iterable[Stretch],
    seen_labels: NDArray[np.int8],
    late: LateLabels,
    system: InProcess,
    trace: Trace,
    *,
    rivals: Sequence[Rival] = (),
    watch: Callable[[Stretch, Scored, str], None] = lambda *_: None,
) -> None:
    """Put every row through the system, and what came of it into the trace.

    stretches:   short ones: what is learned at the end of one serves from the next on
    seen_labels: (rows of the file,) int8, labels as they are said; -1 where none ever is
    watch:       called after each stretch with its scores and the version that gave them
    """
    for rows in stretches:
        end = rows.first_row + len(rows)
        late.expect(rows, seen_labels[rows.first_row : end])
        known, told, version = late.known(end), len(system.events), system.live.version
        labels = [label for some in known for label in _records(some, int(rows.event_ms[-1]))]
        scored = system.feed([str(row) for row in rows.row], rows.event_ms, rows.values, labels)
        for rival in rivals:
            rival.score(rows)
            rival.learn(known)
        trace.add(scored.shadow_score, scored.score, scored.decision, version)
        trace.told += [Told(end - 1, event) for event in system.events[told:]]
        watch(rows, scored, version)


def _records(known: RowLabels, now_ms: int) -> list[Label]:
    """As the topic would bring them. Ids are the rows' places: those of a file may repeat."""
    pairs = zip(known.row.tolist(), known.label.tolist(), strict=True)
    return [Label(str(row), label, now_ms, SOURCE) for row, label in pairs]
