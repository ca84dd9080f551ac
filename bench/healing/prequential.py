"""A stream through the system as it would be served: score first, learn from labels later."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.healing.report import Case, Figures
from cli.backtest.figures import figures, healed, no_heal
from cli.backtest.late_labels import LateLabels
from cli.backtest.replay import replay
from cli.backtest.rivals import Rival
from cli.backtest.trace import Trace
from cli.in_process import InProcess
from healer.policies import POLICIES
from healer.policy_settings import HealingSettings
from producer.rows import Floats
from producer.stretches import FILE_CLOCK, Stretch
from selfheal.model.costs import Costs
from selfheal.model.metrics import always_majority, measure
from selfheal.model.model import Model
from selfheal.records.events import Event

LABEL_SHARE, LABEL_DELAY_ROWS = 0.1, 2_000
"""Labels for a tenth of the rows, each 2,000 rows after its own."""

BATCH_ROWS = 100
POLICY = "selfheal"

Labels = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What came of a stream. trace: of every row; system: as it stands after the last one."""

    trace: Trace
    system: InProcess

    def told(self, kind: type[Event], first: int = 0, last: int | None = None) -> int:
        """How many events of this kind there were, in these rows."""
        until = len(self.trace) if last is None else last
        events = (t for t in self.trace.told if first <= t.row < until)
        return sum(isinstance(told.event, kind) for told in events)

    def case(self, rows: slice, ceiling: Floats | None = None, name: str = "ceiling") -> Case:
        """Figures of some rows. ceiling: (n,) scores of all rows by the best that is possible."""
        trace = self.trace
        found: dict[str, Figures] = {
            "always_majority": figures(always_majority(trace.labels[rows], trace.prior)),
            "frozen": figures(no_heal(trace, rows)),
            "healed": figures(healed(trace, rows)),
        }
        if ceiling is not None:
            best = measure(trace.labels[rows], ceiling[rows], trace.threshold)
            found[name] = figures(best)
        return found

    def accuracy(self, rows: slice) -> float:
        """Share of right decisions as served, of some rows."""
        return healed(self.trace, rows).accuracy

    def gain(self, rows: slice) -> float:
        """Accuracy as served minus that of the frozen model, of some rows."""
        return self.accuracy(rows) - no_heal(self.trace, rows).accuracy


def serve(  # noqa: PLR0913  (a stream, and each thing that a table may vary about it)
    model: Model,
    values: Floats,
    truth: Labels,
    seed: int,
    *,
    said: Labels | None = None,
    label_share: float = LABEL_SHARE,
    batch_rows: int = BATCH_ROWS,
    rivals: Sequence[Rival] = (),
    costs: Costs | None = None,
) -> Served:
    """Put a stream (n, f) through scorer and healer, with labels for some rows, later.

    truth: (n,) judges; said: (n,) what labels say, the truth where it is None
    costs: by which it decides; None leaves the threshold to the model
    """
    late = LateLabels(LABEL_DELAY_ROWS, label_share, seed)
    trace = Trace(0, truth, model.threshold, model.reference.prior)
    system = InProcess(model, POLICIES[POLICY], HealingSettings(seed=seed), costs=costs)
    seen = truth if said is None else said
    with threadpool_limits(1, user_api="blas"):  # as the scorer: small matrices
        replay(_batches(values, batch_rows), seen, late, system, trace, rivals=rivals)
    return Served(trace, system)


def _batches(values: Floats, rows: int) -> Iterator[Stretch]:
    row = np.arange(len(values))
    event_ms = FILE_CLOCK.of(row)
    for first in range(0, len(values), rows):
        part = slice(first, first + rows)
        ids = [str(number) for number in row[part]]
        yield Stretch(first, ids, event_ms[part], values[part])
