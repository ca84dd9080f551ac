"""The client library's errors in this project's words."""

from confluent_kafka import KafkaError, KafkaException

from selfheal.bus.errors import (
    AccessDenied,
    BrokerUnreachable,
    BusError,
    DeliveryFailed,
    Fenced,
    TopicMissing,
)
from selfheal.bus.settings import MAX_RECORD_BYTES

_UNREACHABLE = {
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
    KafkaError._TIMED_OUT,
    KafkaError._SSL,
}
_DENIED = {
    KafkaError._AUTHENTICATION,
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
}
_MISSING = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
}
_TOO_LARGE = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE}
_UNACCEPTABLE = _TOO_LARGE | {
    KafkaError.TOPIC_EXCEPTION,
    KafkaError.POLICY_VIOLATION,
    KafkaError.INVALID_RECORD,
    KafkaError.INVALID_TRANSACTION_TIMEOUT,
    KafkaError.UNSUPPORTED_VERSION,
    KafkaError._INVALID_ARG,
}
_FENCED = {
    KafkaError._FENCED,
    KafkaError.PRODUCER_FENCED,
    KafkaError.INVALID_PRODUCER_EPOCH,
}


def kafka_error(error: KafkaException | KafkaError) -> KafkaError:
    """The library's error object, bare or inside its exception."""
    return error.args[0] if isinstance(error, KafkaException) else error


def is_permanent(error: KafkaException | KafkaError) -> bool:
    """Whether trying again cannot help: a missing topic, a denied one, an impossible record."""
    return kafka_error(error).code() in _DENIED | _MISSING | _UNACCEPTABLE


def explained(
    error: KafkaException | KafkaError,
    doing: str,
    *,
    bootstrap: str,
    waited_s: float = 0.0,
    topic: str = "",
) -> BusError:
    """The same fault as an error of this package.

    doing: what was being tried, as "reading cards.adapters"; waited_s: how long it was tried
    """
    fault = kafka_error(error)
    code = fault.code()
    if code in _FENCED:
        return Fenced(f"{doing}: another process took over this transactional id")
    if code in _DENIED:
        return AccessDenied(
            f"{doing}: the broker at {bootstrap} refuses this user ({fault.str()}); "
            "check its credentials and ACLs"
        )
    if code in _MISSING and topic:
        return TopicMissing(topic)
    if code in _UNREACHABLE:
        return BrokerUnreachable(bootstrap, waited_s, f"{doing}: {fault.str()}")
    if code in _TOO_LARGE:
        return DeliveryFailed(
            f"{doing}: the record is larger than the topic takes; raise its max.message.bytes "
            f"(`selfheal topics describe` says which of the topics need {MAX_RECORD_BYTES})"
        )
    if code in _UNACCEPTABLE:
        return DeliveryFailed(f"{doing}: the record is not acceptable ({fault.str()})")
    return BusError(f"{doing}: {fault.name()}: {fault.str()}")
