"""No error of a decoder carries what the message held: it ends in logs, events and headers."""

from dataclasses import fields

import orjson
import pytest

from selfheal.records import DecodingError, decode, decode_command, decode_feedback, encode

SECRET = "4111-1111"
NUMBER = -41_111_111


def shapes(secret):
    """The secret as a value, inside a list, as a value and as a key of an object."""
    return [secret, [secret], {"a": secret}, {"4111-1111": secret}, {"4111-1111": {"x": secret}}]


def faulty(record):
    """The record with each field in turn replaced by each shape of the secrets."""
    plain = orjson.loads(encode(record))
    for field in fields(record):
        for replacement in [*shapes(SECRET), *shapes(NUMBER), *shapes(NUMBER / 3)]:
            yield orjson.dumps(plain | {field.name: replacement})


def test_no_error_carries_a_value_of_the_message(record):
    messages = []
    for value in faulty(record):
        try:
            decode(type(record), value)
        except DecodingError as error:
            messages.append(f"{error} {error.__cause__} {error.__context__}")

    assert messages
    assert not [message for message in messages if "111" in message]


@pytest.mark.parametrize("decoder", [decode_feedback, decode_command])
def test_no_error_carries_an_unknown_kind(decoder):
    with pytest.raises(DecodingError) as caught:
        decoder(orjson.dumps({"kind": SECRET}))

    assert SECRET not in str(caught.value)


def test_no_error_carries_bytes_that_are_no_json(record):
    with pytest.raises(DecodingError) as caught:
        decode(type(record), f'{{"id": {SECRET}'.encode())

    assert "111" not in f"{caught.value}"
