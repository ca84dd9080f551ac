"""The healer: polls feedback, steps the core, carries out what it says. Decides nothing itself."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

import structlog

from healer.actions import Action, PointBack, Publish, Say, Train
from healer.commands import change_thresholds
from healer.core import Healer
from healer.credentials import Credentials, read_credentials
from healer.feedback_log import FeedbackLog
from healer.jobs import Jobs
from healer.office import Office
from healer.policies import POLICIES
from healer.reporting import Reporter, now_ms
from healer.settings import HealerSettings
from healer.term import Term, take_office
from healer.threshold_file import ThresholdFile
from registry.errors import RegistryError
from selfheal.bus.errors import BrokerUnreachable, BusError, Fenced
from selfheal.bus.leadership import Leadership
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.records import DecodingError
from selfheal.records.healing_events import ThresholdsRefused
from selfheal.records.service_events import LeadershipLost, LeadershipTaken
from selfheal.records.thresholds import Thresholds
from selfheal.runtime.secrets import read_secret
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import MetricsServer

REBUILD_S = 120.0
"""How long the windows may take to be rebuilt from `feedback` at the start."""

_LOOK_EVERY_S = 0.5
"""Between looks at the threshold file, and between reports of standing."""

_CLEAN_EVERY_S = 3600.0
"""Between clean-ups of the registry; the first is at the beginning of a term."""

_DAY_MS = 24 * 3600 * 1000

_logger = structlog.get_logger(__name__)


def run(settings: HealerSettings, stopping: StopSignal) -> None:
    """Heal until asked to stop. On standby, only watch `feedback` and keep the windows warm.

    Raises SettingsError, ModelError, BusError, KeyFileError.
    """
    model = read_folder(settings.model)
    credentials = read_credentials(settings, model)
    bus, topics = settings.bus(), Topics(settings.prefix)
    require_topics(bus, [spec.name for spec in topics.specs()])
    with ExitStack() as stack:
        writer = stack.enter_context(Writer(bus))
        reporter = Reporter(settings, topics, writer, model.hash)
        wires = Wires(
            feedback=stack.enter_context(LogReader(bus, [topics.feedback])),
            writer=writer,
            leadership=Leadership(bus, settings.group, topics.adapters),
        )
        service = HealerService(
            settings=settings,
            model=model,
            credentials=credentials,
            wires=wires,
            reporter=reporter,
            jobs=stack.enter_context(Jobs()),
        )
        stack.enter_context(
            MetricsServer(
                reporter.meters,
                live=lambda: "",
                ready=service.waits_for,
                host=settings.metrics_host,
                port=settings.metrics_port,
            )
        )
        stack.enter_context(reporter.lifetime(stopping))
        stack.callback(service.step_down, "stopped")
        stack.enter_context(wires.leadership)
        service.rebuild()
        while not stopping:
            service.turn()


@dataclass(frozen=True, slots=True)
class Wires:
    """What the healer hears and says on Kafka, beside its term as leader.

    writer: for events and dead letters
    """

    feedback: LogReader
    writer: Writer
    leadership: Leadership


class HealerService:
    """One healer's loop body and what lasts between rounds."""

    def __init__(
        self,
        *,
        settings: HealerSettings,
        model: Model,
        credentials: Credentials,
        wires: Wires,
        reporter: Reporter,
        jobs: Jobs,
    ) -> None:
        self._settings, self._model, self._credentials = settings, model, credentials
        self._wires, self._reporter, self._jobs = wires, reporter, jobs
        topics = Topics(settings.prefix)
        self.healer = Healer(
            POLICIES[settings.policy], model, settings.healing, capacity=settings.window_rows
        )
        self._log = FeedbackLog(
            self.healer, topics.feedback_dlq, read_secret(settings.feedback_key_file), self._bury
        )
        self._thresholds = ThresholdFile(settings.thresholds) if settings.thresholds else None
        self._term: Term | None = None
        self._is_rebuilt = False
        self._look_due_s = 0.0
        self._clean_due_s = 0.0

    def waits_for(self) -> str:
        """What is missing before the stream is watched; empty when nothing is."""
        return "" if self._is_rebuilt else "windows are being rebuilt from feedback"

    def rebuild(self) -> None:
        """Read all of `feedback`: what a healer knew before it died is there."""
        self._log.take(self._wires.feedback.read_to_end(REBUILD_S), buries=False)
        self._is_rebuilt = True

    def turn(self) -> None:
        """One round: take what came, and, as leader, do what follows from it."""
        messages = self._wires.feedback.poll(timeout_s=0.05)
        records = self._log.take(messages, buries=self._term is not None)
        self._reporter.polled(records, self.healer)
        is_elected = self._wires.leadership.poll()
        try:
            if is_elected:
                self._lead()
            else:
                self.step_down("revoked")
        except Fenced:
            self.step_down("fenced")
            self._stand_anew()
        except BrokerUnreachable as error:
            _logger.warning("out of reach, taking office anew", error=str(error))
            self.step_down("unknown_outcome")

    def step_down(self, cause: Literal["revoked", "fenced", "unknown_outcome", "stopped"]) -> None:
        """Give the right to write back, where it was held; the windows stay warm."""
        term, self._term = self._term, None
        if term is None:
            return
        term.close()
        self._reporter.tell(LeadershipLost(cause, time.monotonic() - term.began_s))
        self._reporter.standing(self.healer, is_leader=False)

    def _stand_anew(self) -> None:
        """Whoever fenced this healer may lead the group by now: only the group can tell."""
        self._wires.leadership.close()
        self._wires.leadership.open()

    def _lead(self) -> None:
        if self._term is None:
            self._term = take_office(self.healer, self._model, self._settings, self._credentials)
            self._clean_due_s = 0.0
            self._reporter.tell(LeadershipTaken())
        self._act(self._term)

    def _act(self, term: Term) -> None:
        office = term.office
        self._carry_out(term.carry_out_commands(), office)
        self._carry_out(self._finished(), office)
        self._carry_out(self.healer.step(now_ms()), office)
        now_s = time.monotonic()
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + _LOOK_EVERY_S
            self._carry_out(self._looked(), office)
            self._reporter.standing(self.healer, is_leader=True)
        if now_s >= self._clean_due_s:
            self._clean_due_s = now_s + _CLEAN_EVERY_S
            self._carry_out(self._cleaned(office), office)

    def _carry_out(self, actions: Sequence[Action], office: Office) -> None:
        for action in actions:
            match action:
                case Say(event):
                    self._reporter.tell(event)
                case Train():
                    self._jobs.start(action.job)
                case Publish():
                    self._carry_out(self._published(action, office), office)
                case PointBack():
                    self._carry_out(office.point_back(action, now_ms()), office)

    def _published(self, action: Publish, office: Office) -> list[Action]:
        """What follows from a publication, or from its failure: what serves stays."""
        try:
            return office.publish(action, now_ms())
        except (RegistryError, BusError) as error:
            failed = self.healer.failed(type(error).__name__, now_ms())
            if isinstance(error, RegistryError):
                _logger.warning("a candidate could not be published", error=str(error))
                return failed
            self._carry_out(failed, office)
            raise

    def _finished(self) -> list[Action]:
        """What follows from a heal that has ended."""
        try:
            proposal = self._jobs.take()
        except Exception as error:
            # A heal that fails must not take the watch over the stream with it.
            _logger.exception("heal failed")
            return self.healer.failed(type(error).__name__, now_ms())
        return [] if proposal is None else self.healer.finish(proposal, now_ms())

    def _looked(self) -> list[Action]:
        found = self._thresholds.look() if self._thresholds else None
        match found:
            case Thresholds() if found != self.healer.thresholds:
                return [change_thresholds(self.healer, found, "file")]
            case DecodingError():
                refused = ThresholdsRefused("file", found.field, found.fault, found.expected)
                return [Say(refused)]
            case _:
                return []

    def _cleaned(self, office: Office) -> list[Action]:
        kept_ms = round(self._settings.predictions_kept_days * _DAY_MS)
        return office.clean_up(now_ms(), kept_ms, self._settings.history_limit)

    def _bury(self, letter: Outgoing, error_class: str) -> None:
        self._wires.writer.send(letter)
        self._reporter.buried(letter.topic, error_class)
