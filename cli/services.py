"""`selfheal score`, `heal` and `replay`: the three services, in the foreground."""

from collections.abc import Callable

import typer

from cli.options import sharing
from cli.service_options import HEAL, REPLAY, SCORE, Asked, asked_for
from registry.errors import KeyFileError
from selfheal.runtime.entry import run_service
from selfheal.runtime.settings import Settings
from selfheal.runtime.stopping import StopSignal

# Each command imports its own service when it runs, and so loads nothing of the others.


@sharing(SCORE, asked_for)
def score(asked: Asked) -> None:
    """Score transactions and swap adapters until stopped; start more to share the work."""
    from consumer.service import run  # noqa: PLC0415
    from consumer.settings import ScorerSettings  # noqa: PLC0415

    _serve("scorer", ScorerSettings, run, asked)


@sharing(HEAL, asked_for)
def heal(asked: Asked) -> None:
    """Watch feedback, and publish adapters that heal; a second one stands by."""
    from healer.service import run  # noqa: PLC0415
    from healer.settings import HealerSettings  # noqa: PLC0415

    _serve("healer", HealerSettings, run, asked)


@sharing(REPLAY, asked_for)
def replay(asked: Asked) -> None:
    """Send a file or synthetic drift as transactions, with late and partial labels."""
    from producer.service import run  # noqa: PLC0415
    from producer.settings import ProducerSettings  # noqa: PLC0415

    _serve("producer", ProducerSettings, run, asked)


def _serve(
    service: str, kind: type[Settings], run: Callable[[Settings, StopSignal], None], asked: Asked
) -> None:
    """Run the service to its end, and end the program with its exit code."""
    code = run_service(
        service, kind, run, config=asked.config, flags=asked.flags, usage_errors=(KeyFileError,)
    )
    raise typer.Exit(code)
