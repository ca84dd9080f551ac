"""Exit codes, and the one place where an error becomes a message and a code."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from registry.errors import KeyFileError, RegistryError, UnknownVersionError
from selfheal.bus.errors import BrokerUnreachable, BusError, BusSettingsError
from selfheal.model.errors import ModelError
from selfheal.runtime.entry import BAD_USAGE, FAILED, NO_BROKER

_BAD_USAGE = (BusSettingsError, KeyFileError, ModelError, UnknownVersionError)


@contextmanager
def exit_codes() -> Iterator[None]:
    """Errors that a user can do something about end the program with one line and their code.

    2 for settings and arguments that cannot be right, 3 for a broker that cannot be reached, 1
    for other errors of this project. A bug keeps its traceback.
    """
    try:
        yield
    except BrokerUnreachable as error:
        raise stop(str(error), NO_BROKER) from None
    except _BAD_USAGE as error:
        raise stop(str(error), BAD_USAGE) from None
    except (BusError, RegistryError) as error:
        raise stop(str(error), FAILED) from None


def stop(message: str, code: int) -> typer.Exit:
    """Say why on standard error; raise what this returns."""
    typer.secho(f"error: {message}", fg=typer.colors.RED, err=True)
    return typer.Exit(code)
