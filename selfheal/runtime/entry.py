"""The way into a service: settings, logging, signals, and what its errors mean to the shell."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import structlog

from selfheal.bus.errors import BrokerUnreachable, BusError, BusSettingsError
from selfheal.model.errors import ModelError
from selfheal.runtime.settings import ServiceSettings, Settings, SettingsError, read_settings
from selfheal.runtime.stopping import StopSignal
from selfheal.telemetry.endpoint import EndpointError
from selfheal.telemetry.logs import configure_logging

OK = 0
FAILED = 1
BAD_USAGE = 2
NO_BROKER = 3
SAFETY_LIMIT = 4


class SafetyLimitError(RuntimeError):
    """The service stops of its own accord, because going on would do harm."""


def run_service(
    service: str,
    kind: type[Settings],
    run: Callable[[Settings, StopSignal], None],
    *,
    config: Path | None = None,
    flags: Mapping[str, Any] | None = None,
    usage_errors: tuple[type[Exception], ...] = (),
) -> int:
    """Run a service until it is asked to stop; the exit code.

    usage_errors: more errors of `run` that mean settings which cannot be right

    0 stopped as asked, 1 failed, 2 bad settings, 3 no broker, 4 stopped by a safety limit. An
    error that a person can mend is one line on standard error; a bug keeps its traceback.
    """
    try:
        settings = read_settings(kind, config, flags or {})
        configure_logging(service, settings.instance, is_json=settings.log_json)
        _announce(settings)
        run(settings, StopSignal().listen(with_parent=settings.stop_with_parent))
    except (SettingsError, BusSettingsError, EndpointError, *usage_errors) as error:
        return _say(error, BAD_USAGE)
    except BrokerUnreachable as error:
        return _say(error, NO_BROKER)
    except SafetyLimitError as error:
        return _say(error, SAFETY_LIMIT)
    except ModelError as error:
        return _say(error, BAD_USAGE)
    except BusError as error:
        return _say(error, FAILED)
    return OK


def run_module(
    service: str,
    kind: type[Settings],
    run: Callable[[Settings, StopSignal], None],
    arguments: Sequence[str],
    usage_errors: tuple[type[Exception], ...] = (),
) -> int:
    """`python -m <package> [CONFIG.toml]`: settings from the environment and the file."""
    if len(arguments) > 1:
        return _say(f"{service}: expected at most one argument, a TOML file of settings", BAD_USAGE)
    config = Path(arguments[0]) if arguments else None
    return run_service(service, kind, run, config=config, usage_errors=usage_errors)


def _announce(settings: ServiceSettings) -> None:
    """The settings in force, in the log, without the client properties: passwords are there."""
    shown = settings.model_dump(mode="json", exclude={"properties"})
    structlog.get_logger("selfheal.runtime").info("settings", **shown)


def _say(error: Exception | str, code: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code
