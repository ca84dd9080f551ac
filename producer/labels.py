"""Labels as they reach a fraud team: late, for some transactions only, and sometimes wrong."""

import heapq
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from producer.delays import ConstantDelay, Delay
from producer.errors import LabelError
from producer.lots import draw_lots
from producer.rows import UNKNOWN_LABEL, Integers, Truth

Selection = Literal["all", "approved", "investigated"]
Clock = Literal["rows", "ms"]


@dataclass(frozen=True, slots=True)
class LabelPolicy:
    """Which transactions get a label, when, from whom, and how often it is wrong.

    coverage:     share of the selected transactions that get a label, in [0, 1]
    delay:        of each label, in units of `clock`
    clock:        "rows" of the stream, or "ms" of event time
    selection:    "all"; "approved": only those that were let through, as with chargebacks;
                  "investigated": only those that were stopped, as with analysts' verdicts
    threshold:    P(fraud) from which a transaction counts as stopped, where no decision is known
    wrong_fraud:  share of frauds that are labelled legitimate, in [0, 1]
    wrong_legit:  share of legitimate transactions that are labelled fraud, in [0, 1]
    source:       who says so
    """

    coverage: float = 0.1
    delay: Delay = field(default_factory=lambda: ConstantDelay(2_000))
    clock: Clock = "rows"
    selection: Selection = "all"
    threshold: float = 0.5
    wrong_fraud: float = 0.0
    wrong_legit: float = 0.0
    source: str = "chargebacks"

    def __post_init__(self) -> None:
        for name in ("coverage", "threshold", "wrong_fraud", "wrong_legit"):
            share = getattr(self, name)
            if not 0.0 <= share <= 1.0:
                raise LabelError(f"label policy: {name} is {share:g}, must be between 0 and 1")


@dataclass(frozen=True, slots=True, eq=False)
class GivenLabels:
    """Labels of a stretch of transactions, in the order of the transactions.

    position: (m,) int64, which rows of the stretch get one, from 0
    due:      (m,) int64, row or event time (ms) from which the label is known
    labels:   (m,) int8, as they are said: 0 or 1, right or wrong
    """

    position: Integers
    due: Integers
    labels: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Labeller:
    """Gives the labels of a stream by a policy; the same for a row however the stream is cut up.

    seed: of the lots that decide about coverage, delay and errors
    """

    policy: LabelPolicy
    seed: int

    def give(
        self,
        truth: Truth,
        row: Integers,
        event_ms: Integers,
        is_stopped: NDArray[np.bool_] | None = None,
    ) -> GivenLabels:
        """The labels that these transactions will get.

        row:        (n,) their places in the stream
        event_ms:   (n,) when they happened
        is_stopped: (n,) the decisions, where they are known; without them a transaction counts as
                    stopped where its true P(fraud) reaches the policy's threshold: a good model's
                    decision stands in for the served one
        Rows whose truth is not known get no label. Raises LabelError where a selection needs
        decisions and there is neither a decision nor a true probability.
        """
        policy = self.policy
        is_given = draw_lots(self.seed, "coverage", row) < policy.coverage
        is_given &= truth.labels != UNKNOWN_LABEL
        if policy.selection != "all":
            stopped = _stopped(policy, truth) if is_stopped is None else is_stopped
            is_given &= stopped if policy.selection == "investigated" else ~stopped
        position = np.flatnonzero(is_given)
        start = row if policy.clock == "rows" else event_ms
        due = start[position] + policy.delay.of(draw_lots(self.seed, "delay", row[position]))
        return GivenLabels(position, due, self.said(truth.labels[position], row[position]))

    def said(self, labels: NDArray[np.int8], row: Integers) -> NDArray[np.int8]:
        """(n,) true labels as they are said, some of them wrong; what is not known stays unknown.

        row: (n,) places of the transactions in the stream
        """
        share = np.where(labels == 1, self.policy.wrong_fraud, self.policy.wrong_legit)
        is_wrong = (draw_lots(self.seed, "wrong", row) < share) & (labels != UNKNOWN_LABEL)
        return np.where(is_wrong, 1 - labels, labels)


def _stopped(policy: LabelPolicy, truth: Truth) -> NDArray[np.bool_]:
    if np.isnan(truth.probabilities).any():
        raise LabelError(
            f'label policy: selection "{policy.selection}" needs decisions, found rows with '
            'neither a decision nor a true probability; use selection "all"'
        )
    return truth.probabilities >= policy.threshold


@dataclass(frozen=True, slots=True, order=True)
class DueLabel:
    """A label on its way, ordered by when it is due and then by the transaction's place."""

    due: int
    row: int
    id: str
    label: int


class PendingLabels:
    """The labels that are known to come and are not due yet.

    >>> pending = PendingLabels()
    >>> pending.add([DueLabel(5, 1, "b", 0), DueLabel(3, 0, "a", 1)])
    >>> [label.id for label in pending.take(until=5)]
    ['a']
    >>> len(pending)
    1
    """

    def __init__(self) -> None:
        self._heap: list[DueLabel] = []

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, labels: list[DueLabel]) -> None:
        """Labels to come, in any order."""
        for label in labels:
            heapq.heappush(self._heap, label)

    def take(self, until: int) -> list[DueLabel]:
        """Those due before `until` (a row, or a time in ms), earliest first; they leave."""
        taken: list[DueLabel] = []
        while self._heap and self._heap[0].due < until:
            taken.append(heapq.heappop(self._heap))
        return taken
