import orjson
import pytest

from selfheal.records import DecodingError, decode_command, decode_feedback, encode


def test_a_record_of_feedback_is_told_apart_by_its_kind(feedback):
    assert decode_feedback(encode(feedback)) == feedback


def test_a_command_is_told_apart_by_its_kind(command):
    assert decode_command(encode(command)) == command


@pytest.mark.parametrize("kind", [None, "prediction", 5, ["label"], {}])
def test_an_unknown_kind_is_refused_with_the_list_of_kinds(kind):
    with pytest.raises(DecodingError) as caught:
        decode_feedback(orjson.dumps({"kind": kind, "id": "t1"}))

    assert caught.value.field == "kind"
    assert caught.value.fault == "missing or unknown"
    assert caught.value.expected == "one of label, sample, conflict, summary"


def test_a_value_that_is_no_object_has_no_kind():
    with pytest.raises(DecodingError, match="kind: missing or unknown"):
        decode_command(b"[]")


def test_feedback_of_the_right_kind_is_checked_field_by_field():
    with pytest.raises(DecodingError, match="labelled_ms: missing"):
        decode_feedback(b'{"kind": "label", "id": "t1", "label": 1}')
