"""The healer: polls feedback, steps the core, carries out what it says. Decides nothing itself."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import structlog

from healer.actions import Action, PointBack, Publish, Say, Train
from healer.commands import Commands, change_thresholds
from healer.core import Healer
from healer.feedback_log import FeedbackLog
from healer.jobs import Jobs
from healer.office import Office
from healer.policies import POLICIES
from healer.reporting import Reporter, now_ms
from healer.settings import HealerSettings
from healer.threshold_file import ThresholdFile
from registry.acceptance import Acceptance
from registry.commands import MAX_AGE_MS, CommandDesk
from registry.keys import read_signer, read_verifier
from registry.publish import Publisher
from registry.signature import Verifier
from registry.topic import RegistryWriter, read_registry
from selfheal.bus.errors import BrokerUnreachable, Fenced
from selfheal.bus.leadership import Leadership
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.compiled import compile_model
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.records import DecodingError
from selfheal.records.healing_events import ThresholdsRefused
from selfheal.records.service_events import LeadershipLost, LeadershipTaken
from selfheal.records.thresholds import Thresholds
from selfheal.runtime.secrets import read_secret
from selfheal.runtime.settings import SettingsError
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import MetricsServer

REBUILD_S = 120.0
"""How long the windows may take to be rebuilt from `feedback` at the start."""

_LOOK_EVERY_S = 0.5
"""Between looks at the threshold file, and between reports of standing."""

_logger = structlog.get_logger(__name__)


def run(settings: HealerSettings, stopping: StopSignal) -> None:
    """Heal until asked to stop. On standby, only watch `feedback` and keep the windows warm.

    Raises SettingsError, ModelError, BusError, RegistryError.
    """
    _check_keys(settings)
    model = read_folder(settings.model)
    bus, topics = settings.bus(), Topics(settings.prefix)
    require_topics(bus, [spec.name for spec in topics.specs()])
    with ExitStack() as stack:
        wires = Wires(
            bus,
            stack.enter_context(LogReader(bus, [topics.feedback])),
            stack.enter_context(LogReader(bus, [topics.control], start=now_ms() - MAX_AGE_MS)),
            stack.enter_context(Writer(bus)),
        )
        reporter = Reporter(settings, topics, wires.writer, model.hash)
        jobs = stack.enter_context(Jobs())
        service = HealerService(
            settings=settings, model=model, wires=wires, reporter=reporter, jobs=jobs
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
        stack.callback(service.step_down, "stopped")
        leadership = stack.enter_context(Leadership(bus, settings.group, topics.adapters))
        with reporter.lifetime():
            service.rebuild()
            while not stopping:
                service.turn(is_elected=leadership.poll())


@dataclass(frozen=True, slots=True)
class Wires:
    """What the healer hears and says on Kafka, beside the registry.

    writer: for events and dead letters
    """

    bus: BusSettings
    feedback: LogReader
    control: LogReader
    writer: Writer


class HealerService:
    """One healer's loop body and what lasts between rounds."""

    def __init__(
        self,
        *,
        settings: HealerSettings,
        model: Model,
        wires: Wires,
        reporter: Reporter,
        jobs: Jobs,
    ) -> None:
        self._settings, self._model = settings, model
        self._wires, self._reporter, self._jobs = wires, reporter, jobs
        topics = Topics(settings.prefix)
        self.healer = Healer(
            POLICIES[settings.policy], model, settings.healing, capacity=settings.window_rows
        )
        self._log = FeedbackLog(
            self.healer, topics.feedback_dlq, read_secret(settings.feedback_key_file), self._bury
        )
        self._commands = Commands(CommandDesk(_operators(settings)))
        self._thresholds = ThresholdFile(settings.thresholds) if settings.thresholds else None
        self._term: _Term | None = None
        self._is_rebuilt = False
        self._look_due_s = 0.0

    def waits_for(self) -> str:
        """What is missing before the stream is watched; empty when nothing is."""
        return "" if self._is_rebuilt else "windows are being rebuilt from feedback"

    def rebuild(self) -> None:
        """Read all of `feedback`: what a healer knew before it died is there."""
        self._log.take(self._wires.feedback.read_to_end(REBUILD_S), is_replay=True)
        self._is_rebuilt = True

    def turn(self, *, is_elected: bool) -> None:
        """One round: take what came, and, as leader, do what follows from it."""
        records = self._log.take(self._wires.feedback.poll(timeout_s=0.05))
        self._reporter.polled(records, self.healer)
        if not is_elected and self._term is not None:
            self.step_down("revoked")
        try:
            if is_elected and self._term is None:
                self._take_office()
            if self._term is not None:
                self._act(self._term.office)
        except Fenced:
            self.step_down("fenced")
        except BrokerUnreachable as error:
            _logger.warning("outcome of a publish unknown, taking office anew", error=str(error))
            self.step_down("fenced")

    def step_down(self, cause: str) -> None:
        """Give the right to write back; the windows stay warm."""
        term, self._term = self._term, None
        if term is None:
            return
        term.writer.__exit__(None, None, None)
        lost = LeadershipLost(
            "revoked" if cause == "revoked" else "fenced" if cause == "fenced" else "stopped",
            time.monotonic() - term.began_s,
        )
        self._reporter.tell(lost)

    def _take_office(self) -> None:
        """The right to write first, then the registry as it is: nothing changes in between."""
        writer = RegistryWriter(self._wires.bus)
        writer.__enter__()
        acceptance = _acceptance(self._settings, self._model)
        office = Office(
            healer=self.healer,
            model=self._model,
            policy=self._settings.policy,
            publisher=_publisher(self._settings, self._model),
            writer=writer,
            view=read_registry(self._wires.bus, acceptance),
        )
        office.open()
        self._term = _Term(office, writer, time.monotonic())
        self._reporter.tell(LeadershipTaken())

    def _act(self, office: Office) -> None:
        for message in self._wires.control.poll(timeout_s=0.0):
            self._carry_out(self._commands.take(message, office, now_ms()), office)
        self._carry_out(self._finished(), office)
        self._carry_out(self.healer.step(now_ms()), office)
        if time.monotonic() >= self._look_due_s:
            self._look_due_s = time.monotonic() + _LOOK_EVERY_S
            self._carry_out(self._looked(), office)
            self._reporter.standing(self.healer, is_leader=True)

    def _carry_out(self, actions: Sequence[Action], office: Office) -> None:
        for action in actions:
            match action:
                case Say(event):
                    self._reporter.tell(event)
                case Train():
                    self._jobs.start(action.job)
                case Publish():
                    self._carry_out(office.publish(action, now_ms()), office)
                case PointBack():
                    self._carry_out(office.point_back(action, now_ms()), office)

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

    def _bury(self, letter: Outgoing, error_class: str) -> None:
        self._wires.writer.send(letter)
        self._reporter.buried(letter.topic, error_class)


@dataclass(frozen=True, slots=True)
class _Term:
    """A time in office."""

    office: Office
    writer: RegistryWriter
    began_s: float


def _check_keys(settings: HealerSettings) -> None:
    if not settings.require_signature:
        return
    for name in ("signing_key", "public_keys"):
        if getattr(settings, name) is None:
            raise SettingsError(f"{name}: missing, expected a path, or require_signature = false")


def _acceptance(settings: HealerSettings, model: Model) -> Acceptance:
    verifier = read_verifier(settings.public_keys) if settings.public_keys else None
    return Acceptance(verifier, model.hash, lambda adapter: compile_model(model, adapter))


def _operators(settings: HealerSettings) -> Verifier | None:
    folder = settings.operator_keys or settings.public_keys
    return read_verifier(folder) if folder else None


def _publisher(settings: HealerSettings, model: Model) -> Publisher:
    signer = read_signer(settings.signing_key) if settings.signing_key else None
    return Publisher(signer, model.hash, model.threshold)
