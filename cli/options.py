"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from selfheal.bus.errors import BusSettingsError
from selfheal.bus.settings import BusSettings

Bootstrap: TypeAlias = Annotated[
    str,
    typer.Option("--bootstrap", envvar="SELFHEAL_BOOTSTRAP", help="Brokers, host:port,..."),
]
Prefix: TypeAlias = Annotated[
    str, typer.Option("--prefix", envvar="SELFHEAL_PREFIX", help="Put before every topic's name.")
]
ClientProperties: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Raw librdkafka property, repeatable."),
]
PropertiesFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--properties",
        envvar="SELFHEAL_PROPERTIES",
        help="File of raw librdkafka properties, name=value a line: the place for secrets.",
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON.")]

DEFAULT_BOOTSTRAP = "localhost:9092"


def bus_settings(
    bootstrap: str, prefix: str, properties: list[str] | None, properties_file: Path | None
) -> BusSettings:
    """The settings that these options make; `--set` wins over the file.

    Raises BusSettingsError.
    """
    named: dict[str, str] = {}
    if properties_file:
        named |= _pairs(_lines(properties_file), f"{properties_file}: ")
    named |= _pairs(properties or [], "--set: ")
    return BusSettings(bootstrap, prefix, named)


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
