"""Dead letters keep what they are."""

from selfheal.bus.dead_letters import dead_letter
from selfheal.bus.message import Message

POISON = Message(
    topic="transactions",
    partition=3,
    offset=1841,
    key=b"\xff",
    value=b"{",
    headers=(("trace", b"t"), ("trace", None)),
    timestamp_ms=1_700_000_000_000,
)


def letter(message=POISON):
    return dead_letter(message, "transactions.dlq", "decode", "DecodingError", "not JSON")


def test_key_value_and_timestamp_are_those_of_the_original():
    assert (letter().key, letter().value) == (POISON.key, POISON.value)
    assert letter().timestamp_ms == POISON.timestamp_ms
    assert letter().topic == "transactions.dlq"


def test_headers_say_where_it_came_from_and_why():
    assert letter().headers[len(POISON.headers) :] == (
        ("selfheal.errors.topic", b"transactions"),
        ("selfheal.errors.partition", b"3"),
        ("selfheal.errors.offset", b"1841"),
        ("selfheal.errors.stage", b"decode"),
        ("selfheal.errors.exception.class.name", b"DecodingError"),
        ("selfheal.errors.exception.message", b"not JSON"),
    )


def test_existing_headers_stay_even_those_of_an_earlier_death():
    first = letter()
    replayed = Message("transactions", 0, 7, first.key, first.value, first.headers, 1)

    second = letter(replayed)

    assert second.headers[: len(first.headers)] == first.headers
    assert [value for name, value in second.headers if name == "selfheal.errors.offset"] == [
        b"1841",
        b"7",
    ]


def test_an_unknown_timestamp_becomes_the_time_of_sending():
    timeless = Message("transactions", 0, 0, None, None, (), -1)

    assert letter(timeless).timestamp_ms is None


def test_an_absent_value_stays_absent():
    assert letter(Message("transactions", 0, 0, None, None, (), 0)).value is None
