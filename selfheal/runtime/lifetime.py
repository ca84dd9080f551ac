"""A service's life as events: started, then stopped or failed."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from selfheal.bus.errors import BrokerUnreachable, BusError
from selfheal.records.events import Event
from selfheal.records.service_events import ServiceFailed, ServiceStarted, ServiceStopped
from selfheal.runtime.entry import SafetyLimitError
from selfheal.runtime.stopping import StopSignal


@contextmanager
def lifetime(
    tell: Callable[[Event], object], started: ServiceStarted, stopping: StopSignal
) -> Generator[None]:
    """Tells that the service has started and how it ended; an error goes on to the caller."""
    began_s = time.monotonic()
    tell(started)
    try:
        yield
    except Exception as error:
        duration_s = time.monotonic() - began_s
        with suppress(BusError):  # what ended the service may keep it from telling, too
            tell(_failed(error, duration_s))
        raise
    cause = "signal" if stopping else "finished"
    tell(ServiceStopped(cause, time.monotonic() - began_s))


def _failed(error: Exception, duration_s: float) -> ServiceFailed:
    kind = type(error).__name__
    match error:
        case SafetyLimitError():
            return ServiceFailed("safety_limit", kind, duration_s)
        case BrokerUnreachable():
            return ServiceFailed("broker_unreachable", kind, duration_s)
        case _:
            return ServiceFailed("error", kind, duration_s)
