"""Options that several commands share, and how a command gets them without listing them."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from cli.exits import exit_codes
from selfheal.bus.errors import BusSettingsError
from selfheal.bus.settings import BusSettings

# Without any handler Python prints every line of the Kafka client; a command ends with one line
# that says what is wrong, and a service sets up logs of its own.
logging.getLogger("selfheal").addHandler(logging.NullHandler())

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Options: TypeAlias = Mapping[str, tuple[Any, Any]]
"""Annotation and default by the name of the parameter."""

BUS_OPTIONS: Options = {
    "bootstrap": (
        Annotated[
            str,
            typer.Option(envvar="SELFHEAL_BOOTSTRAP", help="Brokers: host:port, several with ','."),
        ],
        "localhost:9092",
    ),
    "prefix": (
        Annotated[
            str, typer.Option(envvar="SELFHEAL_PREFIX", help="Put before every topic's name.")
        ],
        "",
    ),
    "raw": (
        Annotated[
            list[str] | None,
            typer.Option(
                "--set", metavar="NAME=VALUE", help="Raw librdkafka property; may be repeated."
            ),
        ],
        None,
    ),
    "properties": (
        Annotated[
            Path | None,
            typer.Option(
                envvar="SELFHEAL_PROPERTIES",
                help="File of raw librdkafka properties, NAME=VALUE a line: for secrets.",
            ),
        ],
        None,
    ),
}


def bus_settings(
    bootstrap: str, prefix: str, raw: list[str] | None, properties: Path | None
) -> BusSettings:
    """The settings that BUS_OPTIONS make; `--set` wins over the file. Raises BusSettingsError."""
    named = _pairs(_lines(properties), f"{properties}: ") if properties else {}
    return BusSettings(bootstrap, prefix, named | _pairs(raw or [], "--set: "))


def sharing(
    options: Options, build: Callable[..., Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator that gives a command these options, and the command what `build` makes of them.

    The command takes that as its first argument; its own options come before the shared ones in
    `--help`. Errors end the program with their exit code.

    >>> @sharing(BUS_OPTIONS, bus_settings)
    ... def ping(settings: BusSettings, count: int = 1) -> None: ...
    >>> list(signature(ping).parameters)
    ['count', 'bootstrap', 'prefix', 'raw', 'properties']
    """
    shared = [
        Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in options.items()
    ]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        _, *own = signature(command, eval_str=True).parameters.values()

        @wraps(command)
        def run(**given: Any) -> None:
            with exit_codes():
                built = build(**{name: given.pop(name) for name in options})
                command(built, **given)

        run.__annotations__ = {}
        run.__signature__ = Signature([*own, *shared])  # type: ignore[attr-defined]
        return run

    return decorate


with_bus = sharing(BUS_OPTIONS, bus_settings)
"""Gives a command `settings: BusSettings` from the options for a connection."""


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BusSettingsError(f"{path}: cannot be read: {error}") from None
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _pairs(texts: list[str], place: str) -> dict[str, str]:
    """Name and value of each; a message never repeats the text, for it may be a password."""
    pairs: dict[str, str] = {}
    for number, text in enumerate(texts, 1):
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BusSettingsError(f"{place}no. {number} is not of the form name=value")
        pairs[name.strip()] = value.strip()
    return pairs
