"""What can go wrong between a service and Kafka.

BusError
├── BusSettingsError     a setting or raw client property that cannot be right
├── BrokerStartError     the embedded broker did not start
│   └── JarsUnavailable  its Java archives could not be had
├── BrokerUnreachable    no broker answered within the time allowed
├── AccessDenied         the broker knows us and says no
├── TopicMissing         a topic does not exist
├── DeliveryFailed       a message was not accepted by the broker
└── Fenced               another process took over this transactional id
"""

# ruff: noqa: N818 - the names say what happened; "Error" would add nothing


class BusError(Exception):
    """Base of every error that `selfheal.bus` raises on purpose."""


class BusSettingsError(BusError, ValueError):
    """A setting or raw client property that cannot be right."""


class BrokerStartError(BusError):
    """The embedded broker did not start. The message ends with the last lines of its log."""


class JarsUnavailable(BrokerStartError):
    """The broker's Java archives are neither cached nor downloadable."""


class BrokerUnreachable(BusError):
    """No broker answered within the time allowed."""

    def __init__(self, bootstrap: str, waited_s: float, reason: str = "") -> None:
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"no Kafka broker answered at {bootstrap} within {waited_s:g} s{because}; "
            "check the address, the network and that the broker runs"
        )


class AccessDenied(BusError):
    """The broker refuses this principal: authentication or an ACL."""


class TopicMissing(BusError):
    """A topic that is needed does not exist."""

    def __init__(self, *topics: str) -> None:
        self.topics = topics
        names = ", ".join(topics)
        super().__init__(
            f"missing topic{'s' if len(topics) > 1 else ''}: {names}; "
            "create the topics with `selfheal topics create`"
        )


class DeliveryFailed(BusError):
    """The broker, or the client on its behalf, did not accept a message."""


class Fenced(BusError):
    """Another process initialised the same transactional id: this one must write no more."""
