"""`selfheal score`, `heal` and `replay`: the three services, in the foreground."""

from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer

from cli.exits import BAD_USAGE, stop
from registry.errors import KeyFileError
from selfheal.runtime.entry import run_service

Config: TypeAlias = Annotated[
    Path | None, typer.Option(help="TOML file of settings; options and the environment win.")
]
Bootstrap: TypeAlias = Annotated[
    str | None,
    typer.Option(
        envvar="SELFHEAL_BOOTSTRAP",
        help="Brokers, host:port with ','.",
        show_default="localhost:9092",
    ),
]
Prefix: TypeAlias = Annotated[
    str | None,
    typer.Option(
        envvar="SELFHEAL_PREFIX", help="Put before every topic's name.", show_default="none"
    ),
]
Model: TypeAlias = Annotated[Path | None, typer.Option(help="Folder of the model.")]
MetricsPort: TypeAlias = Annotated[
    int | None,
    typer.Option(help="Port of the metrics and health endpoint.", show_default="a free one"),
]
Settings: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any setting by its name; may be repeated."),
]
PublicKeys: TypeAlias = Annotated[
    Path | None, typer.Option(help="Folder of the public keys that may sign adapters.")
]
RequireSignature: TypeAlias = Annotated[
    bool | None, typer.Option(help="Refuse unsigned adapters.", show_default="require")
]

Scenario: TypeAlias = Annotated[
    str | None, typer.Option(help="Synthetic drift by name.", show_default="abrupt")
]
IdColumn: TypeAlias = Annotated[
    str | None, typer.Option("--id", help="Column of the ids.", show_default="id, if there")
]
TimeColumn: TypeAlias = Annotated[
    str | None,
    typer.Option("--time", help="Column of the times.", show_default="timestamp, if there"),
]
Transactions: TypeAlias = Annotated[
    int | None, typer.Option(help="Rows to send.", show_default="all")
]
Rate: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Rows a second, 0 for flat out.", show_default="1500, or the scenario's"),
]
LabelRate: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Share of rows with a label.", show_default="0.1, or the scenario's"),
]
LabelDelay: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Rows until a label is known.", show_default="2000, or the scenario's"),
]
Seed: TypeAlias = Annotated[
    int | None, typer.Option(help="Of everything random.", show_default="0")
]


def score(
    model: Model = None,
    bootstrap: Bootstrap = None,
    prefix: Prefix = None,
    public_keys: PublicKeys = None,
    require_signature: RequireSignature = None,
    metrics_port: MetricsPort = None,
    config: Config = None,
    settings: Settings = None,
) -> None:
    """Score transactions and swap adapters until stopped; start more to share the work."""
    from consumer.service import run  # noqa: PLC0415  (each command loads its own service alone)
    from consumer.settings import ScorerSettings  # noqa: PLC0415

    flags = {
        "model": model,
        "bootstrap": bootstrap,
        "prefix": prefix,
        "public_keys": public_keys,
        "require_signature": require_signature,
        "metrics_port": metrics_port,
    }
    raise typer.Exit(
        run_service(
            "scorer",
            ScorerSettings,
            run,
            config=config,
            flags=flags | named(settings),
            usage_errors=(KeyFileError,),
        )
    )


def heal(
    model: Model = None,
    policy: Annotated[
        str | None, typer.Option(help="selfheal, article or none.", show_default="selfheal")
    ] = None,
    bootstrap: Bootstrap = None,
    prefix: Prefix = None,
    signing_key: Annotated[
        Path | None, typer.Option(help="Private key that signs adapters (PEM).")
    ] = None,
    public_keys: PublicKeys = None,
    require_signature: RequireSignature = None,
    thresholds: Annotated[
        Path | None, typer.Option(help="threshold_config.json, applied when it changes.")
    ] = None,
    metrics_port: MetricsPort = None,
    config: Config = None,
    settings: Settings = None,
) -> None:
    """Watch feedback, and publish adapters that heal; a second one stands by."""
    from healer.service import run  # noqa: PLC0415
    from healer.settings import HealerSettings  # noqa: PLC0415

    flags = {
        "model": model,
        "policy": policy,
        "bootstrap": bootstrap,
        "prefix": prefix,
        "signing_key": signing_key,
        "public_keys": public_keys,
        "require_signature": require_signature,
        "thresholds": thresholds,
        "metrics_port": metrics_port,
    }
    raise typer.Exit(
        run_service(
            "healer",
            HealerSettings,
            run,
            config=config,
            flags=flags | named(settings),
            usage_errors=(KeyFileError,),
        )
    )


def replay(
    file: Annotated[
        Path | None, typer.Argument(help="CSV or Parquet file; without one, a scenario.")
    ] = None,
    scenario: Scenario = None,
    model: Annotated[
        Path | None, typer.Option(help="Folder of the model whose schema says what is sent.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Column of the truth, 0 or 1.")] = None,
    id_column: IdColumn = None,
    time_column: TimeColumn = None,
    transactions: Transactions = None,
    rate: Rate = None,
    label_rate: LabelRate = None,
    label_delay: LabelDelay = None,
    seed: Seed = None,
    bootstrap: Bootstrap = None,
    prefix: Prefix = None,
    config: Config = None,
    settings: Settings = None,
) -> None:
    """Send a file or synthetic drift as transactions, with late and partial labels."""
    from producer.service import run  # noqa: PLC0415
    from producer.settings import ProducerSettings  # noqa: PLC0415

    flags = {
        "file": file,
        "scenario": scenario,
        "model": model,
        "target": target,
        "id": id_column,
        "time": time_column,
        "transactions": transactions,
        "rate": rate,
        "label_rate": label_rate,
        "label_delay": label_delay,
        "seed": seed,
        "bootstrap": bootstrap,
        "prefix": prefix,
    }
    raise typer.Exit(
        run_service("producer", ProducerSettings, run, config=config, flags=flags | named(settings))
    )


def named(settings: list[str] | None) -> dict[str, Any]:
    """NAME=VALUE pairs as settings; the first dot reaches into a group of settings.

    >>> named(["batch_records=500", "healing.heal_steps=9", "properties.linger.ms=5"])
    {'batch_records': '500', 'healing': {'heal_steps': '9'}, 'properties': {'linger.ms': '5'}}
    """
    values: dict[str, Any] = {}
    for number, text in enumerate(settings or [], 1):
        name, equals, value = text.partition("=")
        group, dot, member = name.strip().partition(".")
        if not equals or not group or not (dot == "" or member):
            raise stop(f"--set: no. {number} is not of the form NAME=VALUE", BAD_USAGE)
        members = values.setdefault(group, {}) if dot else values
        if not isinstance(members, dict):
            raise stop(f"--set {group}: given whole and in part", BAD_USAGE)
        members[member if dot else group] = value.strip()
    return values
