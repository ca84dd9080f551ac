"""Making the C library's clients; what it has against their properties is an error of ours."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException

from selfheal.bus.client_log import CLIENT_LOG
from selfheal.bus.errors import BusSettingsError
from selfheal.bus.faults import kafka_error

Client = TypeVar("Client")


def new_client(kind: Callable[..., Client], properties: Mapping[str, Any]) -> Client:
    """A Consumer, Producer or AdminClient with these properties, its log lines ours.

    Raises BusSettingsError for a property that does not exist, or has a value it cannot have.
    """
    try:
        return kind(dict(properties), logger=CLIENT_LOG)
    except KafkaException as error:
        fault = kafka_error(error)
        if fault.code() == KafkaError._INVALID_ARG:
            raise BusSettingsError(f"properties: {fault.str()}") from None
        raise
