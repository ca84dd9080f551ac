"""Whose signatures a healer believes, and what it signs with."""

from dataclasses import dataclass

from healer.settings import HealerSettings
from registry.acceptance import Acceptance
from registry.keys import read_signer, read_verifier
from registry.publish import Publisher
from registry.signature import Verifier
from selfheal.model.model import Model
from selfheal.runtime.settings import SettingsError


@dataclass(frozen=True, slots=True)
class Credentials:
    """Read once, at the start: a healer on standby must not find out too late that one is missing.

    acceptance: what is demanded of records of `adapters`
    operators:  whose commands are believed; None believes unsigned ones
    publisher:  writes down, and signs, what the registry is to hold
    """

    acceptance: Acceptance
    operators: Verifier | None
    publisher: Publisher


def read_credentials(settings: HealerSettings, model: Model) -> Credentials:
    """The keys that the settings name.

    Raises SettingsError where signatures are demanded and a key is not given, KeyFileError.
    """
    for name, path in (
        ("signing_key", settings.signing_key),
        ("public_keys", settings.public_keys),
    ):
        if settings.require_signature and path is None:
            raise SettingsError(f"{name}: missing, expected a path, or require_signature = false")
    public = read_verifier(settings.public_keys) if settings.public_keys else None
    operators = read_verifier(settings.operator_keys) if settings.operator_keys else public
    signer = read_signer(settings.signing_key) if settings.signing_key else None
    return Credentials(
        acceptance=Acceptance.running(model, public),
        operators=operators,
        publisher=Publisher(signer, model.hash, model.threshold),
    )
