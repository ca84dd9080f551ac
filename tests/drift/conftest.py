"""The scorer's small model, and how it serves without an adapter and with one."""

from tests.consumer.conftest import base, healed, model

__all__ = ["base", "healed", "model"]
