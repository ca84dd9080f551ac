"""The healer's decisions: feedback in, actions out. No Kafka, no clock, no thread.

The shell (healer/service.py), the demo's reference run and the backtest drive this same object.
"""

from collections.abc import Mapping
from dataclasses import replace

from healer.actions import Action, Heals, PointAnew, PointBack, Publish, Say, Train
from healer.drifting_layers import drifting_layers
from healer.episode import Episode, Job
from healer.heal_events import (
    HealStory,
    activated,
    cleared,
    detected,
    restored,
    rolled_back,
    threshold_moved,
)
from healer.label_asking import Asking
from healer.lifecycle import Cause, State, next_state
from healer.performance_watch import PerformanceWatch
from healer.policy import (
    Alarm,
    Clear,
    Confirm,
    Evidence,
    Heal,
    Intent,
    Judge,
    MoveThreshold,
    Policy,
    Proposal,
    Restore,
    RollBack,
    Serving,
    Stored,
    Studied,
    Study,
)
from healer.policy_settings import HealingSettings
from healer.succession import Succession, succeeded
from healer.traffic import WEIGHING_ROWS, Traffic
from healer.traffic_look import TrafficLook
from healer.window import FeedbackWindow, ScoredRows
from selfheal.model.costs import Costs
from selfheal.model.model import Model
from selfheal.records.adapters import BASE_VERSION
from selfheal.records.event_fields import Verdict
from selfheal.records.feedback import Conflict, Feedback, Label, Sample, Summary
from selfheal.records.healing_events import StateChanged
from selfheal.records.thresholds import Thresholds


class Healer:
    """Holds the window, the lifecycle and the policy's memory.

    capacity: rows in which labels and samples are joined
    costs:    of the operator's mistakes; None where nobody has named them
    """

    def __init__(
        self,
        policy: Policy,
        model: Model,
        settings: HealingSettings,
        thresholds: Thresholds | None = None,
        capacity: int = 100_000,
        costs: Costs | None = None,
    ) -> None:
        self._policy, self._model, self._settings, self._costs = policy, model, settings, costs
        self.thresholds = thresholds or Thresholds()
        self.window = FeedbackWindow(capacity, len(model.schema.features))
        self.traffic = Traffic.under(model, settings)
        self.served = Serving(threshold=model.threshold)
        self.versions: Mapping[str, Stored] = {}
        self.state = State.HEALTHY
        self.verdict: Verdict = "stable"
        self.heals = Heals()
        self._serving_heal = 0
        self._job: Job | None = None
        self._episode = Episode()
        self._succession = Succession()
        self._performance, self.asking = PerformanceWatch(), Asking()
        self._memory = policy.start(self.evidence())

    def observe(self, record: Feedback) -> None:
        """Take in one record of `feedback`.

        Raises FeatureError for a sample or a summary whose features do not fit the schema.
        """
        match record:
            case Sample():
                self._succession.meet(record.epoch, self.window)
                self.window.add_sample(record, self._model.schema.row(record.features))
            case Conflict():  # one of another model's may be none of this one's
                if record.epoch >= self._succession.since:
                    self.window.add_conflict(record)
            case Label():
                self.window.add_label(record)
            case Summary():
                self.traffic.add(record)

    def observe_rows(self, rows: ScoredRows) -> None:
        """Take in many samples at once: the same as `observe` of each one's record."""
        self.window.add_rows(rows)

    def begin(self) -> None:
        """Start the policy anew from what is served and known: on taking the lead."""
        self._memory = self._policy.start(self.evidence())
        self._performance.begin(self.window)

    def adopt(self, model: Model, since: int, now_ms: int) -> list[Action]:
        """Go over to a model that serves from this epoch on; then call `serve` and `begin`.

        Rows and labels stay, and get its scores; whatever was made of the old one's is forgotten.
        """
        self._succession = succeeded(self.window, self._model, model, since)
        self._model, self.verdict = model, "stable"
        self.traffic = Traffic.under(model, self._settings)
        return [*self._clear(now_ms), *self._move(Cause.MODEL_CHANGED)]

    def serve(self, served: Serving, versions: Mapping[str, Stored]) -> None:
        """The registry's newest pointer, and the versions that could serve."""
        self.served, self.versions = served, versions

    def step(self, now_ms: int) -> list[Action]:
        """What to do about the evidence so far."""
        self._memory, intents = self._policy.step(self._memory, self.evidence())
        actions = [action for intent in intents for action in self._act(intent, now_ms)]
        doubt = self._policy.doubt(self._memory)
        told = self._performance.look(doubt, self._model, self.served, self.window)
        actions += map(Say, told)
        if self.verdict == "labels_needed":
            actions += self.asking.again(self._episode, self.window, self._settings)
        return actions

    def finish(self, outcome: Proposal | Studied, now_ms: int) -> list[Action]:
        """What to do about a job's outcome. After a `Publish`, call `published`."""
        job, self._job = self._job, None
        if isinstance(outcome, Studied):
            if job is not None and job.epoch >= self._succession.since:
                self._memory = self._policy.learn(self._memory, outcome)
            return []
        return [] if job is None else self._decide(outcome, job, now_ms)

    def _decide(self, proposal: Proposal, job: Job, now_ms: int) -> list[Action]:
        if job.epoch != self.served.epoch:
            proposal = proposal.superseded()
        actions: list[Action] = [Say(self._story.decided(proposal))]
        duration_s = job.lasted_s(now_ms)
        if proposal.adapter is not None and job.heal is not None:
            return [*actions, Publish(proposal, job.heal.trigger, duration_s)]
        if job.epoch >= self._succession.since:
            self._memory = self._policy.absorb(self._memory, proposal, None)
        self.heals = replace(self.heals, refused=self.heals.refused + 1)
        actions += self._hold(proposal, duration_s)
        return actions + self._move(self._cause_of_hold())

    def published(self, done: Publish, parent: str) -> list[Action]:
        """The registry holds the candidate and points to it: `served` is the new version."""
        self._memory = self._policy.absorb(self._memory, done.proposal, self.served.version)
        self.heals = replace(self.heals, published=self.heals.published + 1)
        self._serving_heal = self.heals.attempted
        self.verdict = "healed"
        told = self._story.published(done, self.served, parent), activated(self.served, parent)
        return [*map(Say, told), *self._move(Cause.HEAL_PUBLISHED)]

    def failed(self, error_class: str, now_ms: int) -> list[Action]:
        """The job raised: no candidate, and what serves stays."""
        job, self._job = self._job, None
        if job is not None and job.heal is None:
            return []
        self.heals = replace(self.heals, refused=self.heals.refused + 1)
        event = self._story.failed(error_class, job.lasted_s(now_ms) if job else 0.0)
        return [Say(event), *self._move(self._cause_of_hold())]

    def pointed_back(self, intent: RollBack | Restore, previous: str, now_ms: int) -> list[Action]:
        """The registry points back: `served` is the version that was chosen."""
        if isinstance(intent, Restore):
            told = Say(restored(intent, self.served, previous))
            if intent.cause == "reset":
                return [told]
            self.verdict = "stable" if self.served.version == BASE_VERSION else "healed"
            return [told, *self._move(Cause.RESTORED), *self._clear(now_ms)]
        self.heals = replace(self.heals, rolled_back=self.heals.rolled_back + 1)
        event = rolled_back(intent, self.served, previous)
        return [Say(event), *self._move(Cause.ROLLED_BACK)]

    def pointed_anew(self, intent: MoveThreshold, previous: float) -> list[Action]:
        """The registry names the same version at another threshold, which `served` has now."""
        return [Say(threshold_moved(intent, self.served, previous))]

    def look(self) -> TrafficLook | None:
        """The newest look at all traffic of the serving version; None before its first."""
        look = self.traffic.look(self.served)
        if look is not None and not self.traffic.is_weighed:
            self.traffic.weigh(self.window.newest(WEIGHING_ROWS).values)
        return look

    def evidence(self) -> Evidence:
        """Everything that the policy may look at, as it is now."""
        self._succession.settle(self.window, self._model)
        return Evidence(
            model=self._model,
            settings=self._settings,
            thresholds=self.thresholds,
            window=self.window,
            served=self.served,
            versions=self.versions,
            is_healing=self._job is not None,
            traffic=self.look(),
            model_since=self._succession.since,
            costs=self._costs,
        )

    def _act(self, intent: Intent, now_ms: int) -> list[Action]:
        match intent:
            case Alarm():
                return self._alarm(intent, now_ms)
            case Clear():
                return self._clear(now_ms)
            case Heal():
                return self._start(intent, now_ms)
            case Study():
                return self._study(intent, now_ms)
            case RollBack() | Restore():
                return [PointBack(intent)]
            case MoveThreshold():
                return [PointAnew(intent)]
            case Judge():
                return [Say(replace(intent.event, state=self.state.value))]
            case Confirm():
                return [Say(replace(intent.event, heal=self._serving_heal))]

    def _alarm(self, alarm: Alarm, now_ms: int) -> list[Action]:
        """One episode, one alarm: drift that goes on says nothing new."""
        if self._episode.is_open:
            return []
        number = self._episode.number + 1
        self._episode = Episode(
            number, now_ms, is_open=True, onset_ms=alarm.onset_ms, detector=alarm.detector
        )
        layers = drifting_layers(self.evidence(), alarm.rows)
        event = detected(number, alarm, self.served, layers)
        return [Say(event), *self._move(Cause.ALARM)]

    def _clear(self, now_ms: int) -> list[Action]:
        if not self._episode.is_open:
            return []
        self._episode.is_open = False
        if self.served.version == BASE_VERSION:
            self.verdict = "stable"
        told = Say(cleared(self._episode, self.served, now_ms))
        return [told, *self._move(Cause.CLEARED)]

    def _start(self, heal: Heal, now_ms: int) -> list[Action]:
        if self._job is not None:
            return []
        self._job = Job(heal, now_ms, self.served.epoch)
        self.heals = replace(self.heals, attempted=self.heals.attempted + 1)
        episode = self._episode.number if self._episode.is_open else None
        event = self._story.started(heal, self.served, episode)
        return [Say(event), *self._move(Cause.HEAL_STARTED), Train(heal.job)]

    def _study(self, study: Study, now_ms: int) -> list[Action]:
        if self._job is not None:
            return []
        self._job = Job(None, now_ms, self.served.epoch)
        return [Train(study.job)]

    @property
    def _story(self) -> HealStory:
        return HealStory(self.heals.attempted, self._policy.name)

    def _cause_of_hold(self) -> Cause:
        """A refinement that found nothing leaves the stream as healthy as it was."""
        return Cause.HEAL_HELD if self._episode.is_open else Cause.NOTHING_TO_HEAL

    def _hold(self, proposal: Proposal, duration_s: float) -> list[Action]:
        held = self._story.held(proposal, self.served, duration_s)
        is_known = self.verdict == "labels_needed" or not self._episode.is_open
        if proposal.needs_labels is None or is_known:
            return [Say(held)]
        self.verdict = "labels_needed"
        needs = proposal.needs_labels
        return [Say(held), *self.asking.first(needs, self._episode, self.window, self._settings)]

    def _move(self, cause: Cause) -> list[Action]:
        previous, self.state = self.state, next_state(self.state, cause)
        if previous is self.state:
            return []
        changed = (self.state.value, previous.value, cause.value, self.verdict)
        return [Say(StateChanged(*changed))]
