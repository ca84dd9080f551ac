"""Options of `selfheal registry`: whose signatures are believed, and with which key it signs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.options import BUS_OPTIONS, Options, bus_settings, sharing
from registry.acceptance import Acceptance
from registry.keys import read_signer, read_verifier
from registry.signature import Signer
from registry.topic import read_registry
from registry.view import RegistryView
from selfheal.bus.settings import BusSettings


@dataclass(frozen=True, slots=True)
class RegistryAccess:
    """How to reach the registry, and what to believe of it."""

    settings: BusSettings
    acceptance: Acceptance

    def read(self) -> RegistryView:
        """The registry as it is now; what is doubtful about it is said on standard error."""
        view = read_registry(self.settings, self.acceptance)
        if self.acceptance.verifier is None:
            typer.echo("note: signatures are not checked without --public-keys", err=True)
        if view.refusals:
            typer.echo(
                f"note: {view.refusals} record(s) refused; `registry verify` lists them", err=True
            )
        return view


@dataclass(frozen=True, slots=True)
class RegistryChange:
    """How a change is asked for.

    signer:      None leaves it unsigned
    is_takeover: write it here and now instead of asking the healer
    timeout_s:   how long the healer's answer is waited for
    """

    access: RegistryAccess
    signer: Signer | None
    reason: str
    is_takeover: bool
    timeout_s: float


def _access(public_keys: Path | None, **bus: Any) -> RegistryAccess:
    verifier = read_verifier(public_keys) if public_keys else None
    return RegistryAccess(bus_settings(**bus), Acceptance(verifier))


def _change(
    key: Path | None, reason: str, takeover: bool, timeout_s: float, **access: Any
) -> RegistryChange:
    signer = read_signer(key) if key else None
    return RegistryChange(_access(**access), signer, reason, takeover, timeout_s)


_ACCESS_OPTIONS: Options = {
    "public_keys": (
        Annotated[
            Path | None,
            typer.Option(
                envvar="SELFHEAL_PUBLIC_KEYS",
                help="Public key, or folder of *.public.pem, whose signatures are believed.",
            ),
        ],
        None,
    ),
    **BUS_OPTIONS,
}

KEY_OPTION = Annotated[
    Path | None,
    typer.Option(
        "--key",
        envvar="SELFHEAL_SIGNING_KEY",
        help="Private key (PEM) that signs this, or the folder of the only one.",
    ),
]

_CHANGE_OPTIONS: Options = {
    "key": (KEY_OPTION, None),
    "reason": (Annotated[str, typer.Option(help="One line for the history.")], "by hand"),
    "takeover": (
        Annotated[
            bool,
            typer.Option(
                "--takeover",
                help="Write it here and now, for no healer lives. Needs the healer's key. A healer "
                "that lives after all may not write until it leads anew.",
            ),
        ],
        False,
    ),
    "timeout_s": (
        Annotated[
            float,
            typer.Option("--timeout", min=0.0, help="Seconds to wait for the healer's answer."),
        ],
        30.0,
    ),
    **_ACCESS_OPTIONS,
}

with_registry = sharing(_ACCESS_OPTIONS, _access)
"""Gives a command `access: RegistryAccess`; its errors become exit codes."""

with_change = sharing(_CHANGE_OPTIONS, _change)
"""Gives a command `change: RegistryChange`; its errors become exit codes."""
