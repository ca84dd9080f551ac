"""Records that cannot be used: kept as they came, with where they came from and why."""

from selfheal.bus.message import Headers, Message, Outgoing

PREFIX = "selfheal.errors."
"""Of the headers' names, which mirror those of Kafka Connect (`__connect.errors.`)."""


def dead_letter(
    message: Message, topic: str, stage: str, error_class: str, error_message: str
) -> Outgoing:
    """The record for the dead-letter topic: same key, value, headers and timestamp, and six more.

    topic:         the dead-letter topic, full name
    stage:         what was being done to it, as "decode"
    error_class:   of the exception
    error_message: says what is wrong by kind; no value of the record, since headers are read by
                   people and tools that may not see the data

    Headers are added at the end and none is replaced: a letter that dies again tells both stories,
    the newest last.

    >>> lost = Message("transactions", 3, 1841, b"k", b"{", (("trace", b"t"),), 1700000000000)
    >>> letter = dead_letter(lost, "transactions.dlq", "decode", "DecodingError", "not JSON")
    >>> letter.value, [name for name, _ in letter.headers][:3]
    (b'{', ['trace', 'selfheal.errors.topic', 'selfheal.errors.partition'])
    """
    reasons = {
        "topic": message.topic,
        "partition": str(message.partition),
        "offset": str(message.offset),
        "stage": stage,
        "exception.class.name": error_class,
        "exception.message": error_message,
    }
    added: Headers = tuple((PREFIX + name, text.encode()) for name, text in reasons.items())
    return Outgoing(
        topic=topic,
        value=message.value,
        key=message.key,
        headers=message.headers + added,
        timestamp_ms=message.timestamp_ms if message.timestamp_ms >= 0 else None,
    )
