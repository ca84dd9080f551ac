"""A leader's time in office: what is opened for it, and closed when it ends."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from healer.actions import Action
from healer.commands import Commands, answered
from healer.core import Healer
from healer.credentials import Credentials
from healer.office import Office
from healer.publishing import publisher_of
from healer.reporting import now_ms
from healer.settings import HealerSettings
from registry.commands import MAX_AGE_MS, CommandDesk
from registry.topic import RegistryWriter, read_registry
from selfheal.bus.message import Message
from selfheal.bus.reader import LogReader
from selfheal.bus.settings import BusSettings
from selfheal.bus.topics import Topics
from selfheal.model.model import Model


@dataclass(slots=True)
class Term:
    """A time in office.

    news:     what is to be told of its beginning
    began_s:  of a monotonic clock
    old:      commands of the hour before it, to be carried out where nobody has answered them
    control:  where the next ones come
    """

    office: Office
    news: list[Action]
    began_s: float
    commands: Commands
    old: list[Message]
    control: LogReader
    held: ExitStack

    def carry_out_commands(self) -> list[Action]:
        """Carry out the commands that have come; what is to be told of them."""
        old, self.old = self.old, []
        actions, self.news = self.news, []
        for message in old:
            actions += self.commands.take(message, self.office, now_ms(), is_old=True)
        for message in self.control.poll(timeout_s=0.0):
            actions += self.commands.take(message, self.office, now_ms())
        return actions

    def close(self) -> None:
        """Give the right to write back."""
        self.held.close()


def take_office(
    healer: Healer, own: Model, settings: HealerSettings, credentials: Credentials
) -> Term:
    """The right to write first, then the registry as it is: nothing changes in between.

    own: the model of this healer's folder; another one may be in service by now
    Raises BusError.
    """
    in_service = healer.evidence().model
    bus, topics = settings.bus(), Topics(settings.prefix)
    since_ms = now_ms() - MAX_AGE_MS
    healer.asking.recall(_asked(bus, topics))
    with ExitStack() as held:
        office = Office(
            healer=healer,
            own=own,
            model=in_service,
            policy=settings.policy,
            publisher=publisher_of(credentials.publisher, in_service),
            writer=held.enter_context(RegistryWriter(bus)),
            view=read_registry(bus, credentials.acceptance),
            reread=partial(read_registry, bus, credentials.acceptance),
        )
        news = office.open(now_ms())
        control = held.enter_context(LogReader(bus, [topics.control], start=since_ms))
        return Term(
            office=office,
            news=news,
            began_s=time.monotonic(),
            commands=Commands(CommandDesk(credentials.operators, _answered(bus, topics, since_ms))),
            old=control.read_to_end(bus.timeout_s),
            control=control,
            held=held.pop_all(),
        )


def _asked(bus: BusSettings, topics: Topics) -> list[str]:
    """Transactions whose label an earlier leader asked for: nobody is asked twice."""
    with LogReader(bus, [topics.label_requests]) as requests:
        messages = requests.read_to_end(bus.timeout_s)
    return [(message.key or b"").decode("utf-8", "replace") for message in messages]


def _answered(bus: BusSettings, topics: Topics, since_ms: int) -> dict[str, int]:
    with LogReader(bus, [topics.events], start=since_ms) as events:
        return answered(events.read_to_end(bus.timeout_s))
