"""The one signature behind which every healing policy stands, and the values that pass it.

A policy is three plain functions: `start` gives its memory, `step` looks at new evidence and says
what it intends, `absorb` takes in how a heal ended. The slow part of a heal is the `job` of a
`Heal` intent, a function of no arguments that the shell runs beside the polling.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from healer.policy_settings import HealingSettings
from healer.traffic_look import TrafficLook
from healer.window import FeedbackWindow
from selfheal.model.adapter import Adapter
from selfheal.model.costs import Costs
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.event_fields import DriftKind
from selfheal.records.healing_events import BatchJudged, HealConfirmed
from selfheal.records.thresholds import Thresholds

Memory: TypeAlias = Any
"""What a policy remembers between steps: an immutable value of its own type."""

Trigger: TypeAlias = Literal["drift", "conflicts", "labels", "schedule", "operator"]


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """The version in force, as the registry has it.

    regime: statistics that the policy stored with it
    """

    version: str = BASE_VERSION
    epoch: int = 0
    adapter: Adapter | None = None
    threshold: float = 0.5
    regime: Mapping[str, NDArray[np.float64]] = field(
        default_factory=dict[str, NDArray[np.float64]]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A version that could serve, as the registry has it; `regime` as in `Serving`."""

    adapter: Adapter
    threshold: float = 0.5
    regime: Mapping[str, NDArray[np.float64]] = field(
        default_factory=dict[str, NDArray[np.float64]]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Everything that a policy may look at.

    versions:  what could serve, by version, the newest last; "base" is always possible
    is_healing: a job is under way, so that another one would be refused
    traffic:    drift over all traffic of the serving version; None before its first look
    model_since: epoch from which on the model serves; rows of earlier ones have its scores too, but
                 what was served to them came from another model
    costs:      of the operator's mistakes; None where nobody has named them
    """

    model: Model
    settings: HealingSettings
    thresholds: Thresholds
    window: FeedbackWindow
    served: Serving
    versions: Mapping[str, Stored]
    is_healing: bool
    traffic: TrafficLook | None = None
    model_since: int = 0
    costs: Costs | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """The stream no longer looks like the regime of the version in force."""

    drift: DriftKind
    detector: str
    features: tuple[str, ...]
    statistic: float
    threshold: float
    rows: int
    onset_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """The stream looks like the regime of the version in force again."""


@dataclass(frozen=True, slots=True)
class GateFigures:
    """What the gate saw, on rows that the candidate never learned from."""

    verdict: Literal["promote", "hold"]
    reason: str
    rows: int = 0
    labelled_rows: int = 0
    frauds: int = 0
    loss_gain: float | None = None
    standard_error: float | None = None
    changed_share: float | None = None
    accuracy: float | None = None
    previous_accuracy: float | None = None
    f1: float | None = None
    previous_f1: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """How a heal's job ended: a candidate that passed the gate, or the reason why there is none.

    threshold: None keeps the one in force
    regime:    figures that are stored with the snapshot, so that a restarted healer knows them
    memory:    what the policy's `absorb` wants back (an optimiser's state, say)
    needs_labels: why only labels can help, as a word for events; None where that is not known
    """

    adapter: Adapter | None
    gate: GateFigures
    rows: int
    labelled_rows: int
    first_event_ms: int = 0
    last_event_ms: int = 0
    threshold: float | None = None
    tags: tuple[str, ...] = ()
    regime: Mapping[str, float | NDArray[np.float64]] = field(
        default_factory=dict[str, float | NDArray[np.float64]]
    )
    memory: Memory = None
    needs_labels: str | None = None

    def superseded(self) -> "Proposal":
        """Held: made beside a version that serves no more, as somebody chose another since."""
        gate = replace(self.gate, verdict="hold", reason="superseded")
        return replace(self, adapter=None, gate=gate, needs_labels=None)


@dataclass(frozen=True, slots=True, eq=False)
class Heal:
    """Make a candidate, off to the side."""

    trigger: Trigger
    rows: int
    labelled_rows: int
    job: Callable[[], Proposal]


@dataclass(frozen=True, slots=True)
class Studied:
    """What came of a study, for the policy's `learn`."""

    memory: Memory


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """Learn something off to the side that may become a heal later. Nobody is told."""

    job: Callable[[], Studied]


@dataclass(frozen=True, slots=True)
class Restore:
    """Serve a version that exists already.

    version: made for the regime that is back, or "base"
    cause:   "regime" ends the drift; "reset" where no version is known to fit, and what serves
             does not
    threshold: None takes the version's own
    """

    version: str
    cause: Literal["regime", "reset"] = "regime"
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class RollBack:
    """Leave the version in force for another one. threshold: None takes the version's own"""

    version: str
    cause: Literal["f1_drop", "accuracy_drop", "below_shadow", "operator"]
    labelled_rows: int
    f1_drop: float | None = None
    accuracy_drop: float | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class MoveThreshold:
    """Keep the version in force and decide at another threshold.

    threshold:     in [0, 1]
    cause:         "cost" where the move saves, "capacity" where reviewers had too many alarms
    alert_share:   of the recent rows, from the new threshold on; previous_alert_share: as it was
    rows:          recent ones that tell; labelled_rows: whose label is known, among them or older
    """

    threshold: float
    cause: Literal["cost", "capacity"]
    alert_share: float
    previous_alert_share: float
    rows: int
    labelled_rows: int


@dataclass(frozen=True, slots=True)
class Judge:
    """Figures of a batch whose labels are known."""

    event: BatchJudged


@dataclass(frozen=True, slots=True)
class Confirm:
    """The version in force has shown its worth."""

    event: HealConfirmed


Intent: TypeAlias = (
    Alarm | Clear | Heal | Study | Restore | RollBack | MoveThreshold | Judge | Confirm
)


def _unchanged(memory: Memory, studied: Studied) -> Memory:
    del studied
    return memory


def _not_watched(memory: Memory) -> str | None:
    """A policy that does not test the stream cannot vouch for what scores mean."""
    del memory
    return "not_watched"


@dataclass(frozen=True, slots=True)
class Policy:
    """A healing policy.

    start(evidence) -> memory
    step(memory, evidence) -> (memory, intents), called whenever there are new rows; cheap
    absorb(memory, proposal, version) -> memory, `version` being None where nothing was published
    learn(memory, studied) -> memory, for a policy that studies
    doubt(memory) -> why scores do not mean now what they did when they were calibrated, as a word
    for events; None where they do
    """

    name: str
    start: Callable[[Evidence], Memory]
    step: Callable[[Memory, Evidence], tuple[Memory, tuple[Intent, ...]]]
    absorb: Callable[[Memory, Proposal, str | None], Memory]
    learn: Callable[[Memory, Studied], Memory] = _unchanged
    doubt: Callable[[Memory], str | None] = _not_watched
