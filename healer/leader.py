"""What the leading healer does, round by round, for as long as it leads."""

import time
from collections.abc import Sequence

import structlog

from healer.actions import Action, Ask, PointAnew, PointBack, Publish, Say, Train
from healer.commands import change_thresholds
from healer.core import Healer
from healer.jobs import Jobs
from healer.reporting import Reporter, now_ms
from healer.settings import HealerSettings
from healer.term import Term
from healer.threshold_file import ThresholdFile
from registry.errors import RegistryError
from selfheal.bus.errors import BusError
from selfheal.records import DecodingError
from selfheal.records.healing_events import ThresholdsRefused
from selfheal.records.thresholds import Thresholds

_LOOK_EVERY_S = 0.5
"""Between looks at the threshold file, and between reports of standing."""

_CLEAN_EVERY_S = 3600.0
"""Between clean-ups of the registry; the first is at the beginning of a term."""

_DAY_MS = 24 * 3600 * 1000

_logger = structlog.get_logger(__name__)


class Leader:
    """Steps the core and carries out what it says, with the rights of one term in office.

    thresholds: the file that operations edit; None where there is none
    """

    def __init__(
        self,
        term: Term,
        healer: Healer,
        *,
        jobs: Jobs,
        thresholds: ThresholdFile | None,
        settings: HealerSettings,
        reporter: Reporter,
    ) -> None:
        self._term, self._office, self._healer = term, term.office, healer
        self._jobs, self._thresholds = jobs, thresholds
        self._settings, self._reporter = settings, reporter
        self._look_due_s = 0.0
        self._clean_due_s = 0.0

    def turn(self) -> None:
        """One round. Raises Fenced, BrokerUnreachable and other errors of BusError."""
        self._carry_out(self._term.carry_out_commands())
        self._carry_out(self._finished_heal())
        self._carry_out(self._healer.step(now_ms()))
        now_s = time.monotonic()
        if now_s >= self._look_due_s:
            self._look_due_s = now_s + _LOOK_EVERY_S
            self._carry_out(self._new_thresholds())
            self._reporter.standing(self._healer, is_leader=True)
        if now_s >= self._clean_due_s:
            self._clean_due_s = now_s + _CLEAN_EVERY_S
            self._carry_out(self._cleaned_up())

    def step_down(self) -> float:
        """Give the right to write back; for how many seconds it was held."""
        self._term.close()
        return time.monotonic() - self._term.began_s

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Say(event):
                    self._reporter.tell(event)
                case Ask(requests):
                    self._reporter.ask(requests)
                case Train():
                    self._jobs.start(action.job)
                case Publish():
                    self._carry_out(self._published(action))
                case PointBack():
                    self._carry_out(self._office.point_back(action, now_ms()))
                case PointAnew():
                    self._carry_out(self._office.point_anew(action, now_ms()))

    def _published(self, action: Publish) -> list[Action]:
        """What follows from a publication, or from its failure: what serves stays."""
        try:
            return self._office.publish(action, now_ms())
        except (RegistryError, BusError) as error:
            failed = self._healer.failed(type(error).__name__, now_ms())
            if isinstance(error, RegistryError):
                _logger.warning("a candidate could not be published", error=str(error))
                return failed
            self._carry_out(failed)
            raise

    def _finished_heal(self) -> list[Action]:
        """What follows from a heal that has ended."""
        try:
            outcome = self._jobs.take()
        except Exception as error:
            # A heal that fails must not take the watch over the stream with it.
            _logger.exception("heal failed")
            return self._healer.failed(type(error).__name__, now_ms())
        return [] if outcome is None else self._healer.finish(outcome, now_ms())

    def _new_thresholds(self) -> list[Action]:
        """What follows from an edit of the threshold file."""
        found = self._thresholds.look() if self._thresholds else None
        match found:
            case Thresholds() if found != self._healer.thresholds:
                return [change_thresholds(self._healer, found, "file")]
            case DecodingError():
                refused = ThresholdsRefused("file", found.field, found.fault, found.expected)
                return [Say(refused)]
            case _:
                return []

    def _cleaned_up(self) -> list[Action]:
        kept_ms = round(self._settings.predictions_kept_days * _DAY_MS)
        return self._office.clean_up(now_ms(), kept_ms, self._settings.history_limit)
