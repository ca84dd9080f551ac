"""The healer as a service: it listens to `feedback` always, and heals while it leads."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal, TypeAlias

import structlog

from healer.core import Healer
from healer.credentials import Credentials, read_credentials
from healer.feedback_log import FeedbackLog
from healer.jobs import Jobs
from healer.leader import Leader
from healer.policies import POLICIES
from healer.reporting import Reporter, now_ms
from healer.settings import HealerSettings
from healer.term import take_office
from healer.threshold_file import ThresholdFile
from registry.topic import read_registry
from registry.view import RegistryView
from selfheal.bus.errors import BrokerUnreachable, Fenced
from selfheal.bus.leadership import Leadership
from selfheal.bus.message import Outgoing
from selfheal.bus.reader import LogReader
from selfheal.bus.topic_admin import require_topics
from selfheal.bus.topics import Topics
from selfheal.bus.writer import Writer
from selfheal.model.costs import Costs
from selfheal.model.costs_file import read_costs_file
from selfheal.model.folder import read_folder
from selfheal.model.model import Model
from selfheal.records.service_events import LeadershipLost, LeadershipTaken, ModelSwapped
from selfheal.runtime.secrets import read_secret
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import MetricsServer

REBUILD_S = 120.0
"""How long the windows may take to be rebuilt from `feedback` at the start."""

Loss: TypeAlias = Literal["revoked", "fenced", "unknown_outcome", "stopped"]
"""Why a leader leads no more."""

_logger = structlog.get_logger(__name__)


def run(settings: HealerSettings, stopping: StopSignal) -> None:
    """Heal until asked to stop. On standby, only watch `feedback` and keep the windows warm.

    Raises SettingsError, ModelError, BusError, KeyFileError.
    """
    model = read_folder(settings.model)
    costs = read_costs_file(settings.costs) if settings.costs else None
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
        jobs = stack.enter_context(Jobs())
        service = HealerService(
            settings, model, credentials, wires, reporter=reporter, jobs=jobs, costs=costs
        )
        stack.enter_context(service.endpoint())
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
    """One healer, leading or standing by, and what lasts between its rounds."""

    def __init__(
        self,
        settings: HealerSettings,
        model: Model,
        credentials: Credentials,
        wires: Wires,
        *,
        reporter: Reporter,
        jobs: Jobs,
        costs: Costs | None,
    ) -> None:
        self._settings, self._model, self._credentials = settings, model, credentials
        self._wires, self._reporter, self._jobs = wires, reporter, jobs
        policy, topics = POLICIES[settings.policy], Topics(settings.prefix)
        self._healer = Healer(
            policy, model, settings.healing, capacity=settings.window_rows, costs=costs
        )
        self._log = FeedbackLog(
            self._healer, topics.feedback_dlq, read_secret(settings.feedback_key_file), self._bury
        )
        self._thresholds = ThresholdFile(settings.thresholds) if settings.thresholds else None
        self._leader: Leader | None = None
        self._is_rebuilt = False

    def endpoint(self) -> MetricsServer:
        """Answers with the healer's metrics, and whether it is ready, once started."""
        return MetricsServer(
            self._reporter.meters,
            live=lambda: "",
            ready=self._waits_for,
            host=self._settings.metrics_host,
            port=self._settings.metrics_port,
        )

    def rebuild(self) -> None:
        """Read all of `feedback`: what a healer knew before it died is there.

        The model first: another one than the folder's may serve, and rows are read in its terms.
        """
        self._follow(read_registry(self._settings.bus(), self._credentials.acceptance))
        self._log.take(self._wires.feedback.read_to_end(REBUILD_S), buries=False)
        self._is_rebuilt = True

    def _follow(self, view: RegistryView) -> None:
        """Begin with the model in service, if it is known that there was another one before."""
        model, since, active = view.model(self._model), view.in_service_since, view.active
        if active is None or since == 0:
            return
        self._healer.adopt(model, since, now_ms())
        if model.hash != self._model.hash:
            told = ModelSwapped(model.hash, self._model.hash, active.version, active.epoch)
            self._reporter.tell(told)

    def turn(self) -> None:
        """One round: take what came, and, as leader, do what follows from it."""
        messages = self._wires.feedback.poll(timeout_s=0.05)
        records = self._log.take(messages, buries=self._leader is not None)
        self._reporter.polled(records, self._healer)
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

    def step_down(self, cause: Loss) -> None:
        """Lead no more, where it did; the windows stay warm."""
        leader, self._leader = self._leader, None
        if leader is None:
            return
        self._reporter.tell(LeadershipLost(cause, leader.step_down()))
        self._reporter.standing(self._healer, is_leader=False)

    def _lead(self) -> None:
        if self._leader is None:
            self._leader = self._new_leader()
            self._reporter.tell(LeadershipTaken())
        self._leader.turn()

    def _new_leader(self) -> Leader:
        term = take_office(self._healer, self._model, self._settings, self._credentials)
        return Leader(
            term,
            self._healer,
            jobs=self._jobs,
            thresholds=self._thresholds,
            settings=self._settings,
            reporter=self._reporter,
        )

    def _stand_anew(self) -> None:
        """Whoever fenced this healer may lead the group by now: only the group can tell."""
        self._wires.leadership.close()
        self._wires.leadership.open()

    def _waits_for(self) -> str:
        """What is missing before the stream is watched; empty when nothing is."""
        return "" if self._is_rebuilt else "windows are being rebuilt from feedback"

    def _bury(self, letter: Outgoing, error_class: str) -> None:
        self._wires.writer.send(letter)
        self._reporter.buried(letter.topic, error_class)
