"""A policy that intends what a test says, and what a test needs to drive the core with it."""

from healer.actions import Action, Publish, Say
from healer.core import Healer
from healer.policy import (
    Alarm,
    Clear,
    Evidence,
    GateFigures,
    Heal,
    Intent,
    Policy,
    Proposal,
    Serving,
    Stored,
    Studied,
    Study,
)
from healer.policy_settings import HealingSettings
from selfheal.model.adapter import Adapter, Output
from selfheal.model.model import Model
from selfheal.records.events import Event

ALARM = Alarm("covariate", "ks", ("V14",), statistic=0.5, threshold=0.1, rows=400, onset_ms=7)
CLEAR = Clear()

GOOD = Proposal(Adapter(output=Output(1.0, 0.5)), GateFigures("promote", "better"), 400, 20)
HELD = Proposal(None, GateFigures("hold", "no_better"), 400, 0)
LOST = Proposal(None, GateFigures("hold", "signal_lost"), 400, 0, needs_labels="signal_lost")

HEAL = Heal("drift", rows=400, labelled_rows=20, job=lambda: GOOD)
STUDIED = Studied("what was learned")
STUDY = Study(job=lambda: STUDIED)


class Script:
    """Intends once what it was given last, and keeps what it is told in return.

    starts:  the version served at each start
    ends:    gate's reason and published version of each heal that it absorbed
    lessons: of each study
    """

    def __init__(self) -> None:
        self.intents: tuple[Intent, ...] = ()
        self.starts: list[str] = []
        self.ends: list[tuple[str, str | None]] = []
        self.lessons: list[str] = []

    @property
    def policy(self) -> Policy:
        return Policy(
            "scripted", self._start, self._step, self._absorb, self._learn, lambda _: None
        )

    def _start(self, evidence: Evidence) -> int:
        self.starts.append(evidence.served.version)
        return 0

    def _step(self, steps: int, _evidence: Evidence) -> tuple[int, tuple[Intent, ...]]:
        intents, self.intents = self.intents, ()
        return steps + 1, intents

    def _absorb(self, steps: int, proposal: Proposal, version: str | None) -> int:
        self.ends.append((proposal.gate.reason, version))
        return steps

    def _learn(self, steps: int, studied: Studied) -> int:
        self.lessons.append(studied.memory)
        return steps


class Driver:
    """Drives a healer's core by hand."""

    def __init__(self, model: Model) -> None:
        self.script = Script()
        self.healer = Healer(self.script.policy, model, HealingSettings(), capacity=10)

    def step(self, *intents: Intent, now_ms: int = 0) -> list[Action]:
        """One step in which the policy has these intents."""
        self.script.intents = intents
        return self.healer.step(now_ms)

    def heal(self, proposal: Proposal, *, began_ms: int = 0, ended_ms: int = 0) -> list[Action]:
        """A whole heal, published where it is to be; all that is to be done on the way."""
        actions = self.step(HEAL, now_ms=began_ms) + self.healer.finish(proposal, ended_ms)
        return actions + self.publish(actions)

    def publish(self, actions: list[Action]) -> list[Action]:
        """What follows once the publication among the actions is carried out, if there is one."""
        done = [action for action in actions if isinstance(action, Publish)]
        return [more for action in done for more in self._published(action)]

    def serve(self, version: str) -> None:
        """Point to a version, as the registry would show it."""
        epoch = self.healer.served.epoch + 1
        self.healer.serve(Serving(version, epoch, GOOD.adapter), {version: Stored(GOOD.adapter)})

    def _published(self, done: Publish) -> list[Action]:
        parent = self.healer.served.version
        self.serve(f"v{self.healer.served.epoch + 1}")
        return self.healer.published(done, parent)


def told(actions: list[Action]) -> list[Event]:
    """The events among the actions."""
    return [action.event for action in actions if isinstance(action, Say)]


def of_kind(actions: list[Action], kind: type) -> list:
    """The events of one kind among the actions."""
    return [event for event in told(actions) if isinstance(event, kind)]
