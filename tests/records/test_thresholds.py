import math

import pytest

from selfheal.records import DecodingError, Thresholds, encode, read_thresholds, with_values

VALID = b'{"rollback_f1_drop": 0.03, "rollback_acc_drop": 0.2, "health_window": 8, "note": "trial"}'


def test_a_valid_file_is_read():
    assert read_thresholds(VALID) == Thresholds(0.03, 0.2, 8, "trial")


def test_the_defaults_are_the_published_ones():
    assert Thresholds() == Thresholds(
        rollback_f1_drop=0.08, rollback_acc_drop=0.10, health_window=5
    )


def test_what_is_written_is_read_back():
    assert read_thresholds(encode(Thresholds(note="ours"))) == Thresholds(note="ours")


def test_every_half_written_file_is_refused():
    for length in range(len(VALID)):
        with pytest.raises(DecodingError):
            read_thresholds(VALID[:length])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rollback_f1_drop", b"0", "rollback_f1_drop: not an allowed value, expected float > 0.0"),
        ("rollback_f1_drop", b"1.5", "rollback_f1_drop: not an allowed value, expected float <= 1"),
        ("rollback_f1_drop", b'"0.1"', "rollback_f1_drop: is str, expected float"),
        ("rollback_acc_drop", b"true", "rollback_acc_drop: is bool, expected float"),
        ("rollback_acc_drop", b"null", "rollback_acc_drop: is null, expected float"),
        ("health_window", b"2.5", "health_window: is float, expected int"),
        ("health_window", b"0", "health_window: not an allowed value, expected int >= 1"),
        ("health_window", b"99999", "health_window: not an allowed value, expected int <= 10000"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: bytes, message: str):
    settings = {"rollback_f1_drop": b"0.03", "rollback_acc_drop": b"0.2", "health_window": b"8"}
    settings[name] = value
    file = b"{" + b", ".join(b'"%s": %s' % (k.encode(), v) for k, v in settings.items()) + b"}"

    with pytest.raises(DecodingError) as refused:
        read_thresholds(file)

    assert str(refused.value).startswith(message)


def test_a_misspelt_name_is_refused_and_the_right_ones_are_shown():
    with pytest.raises(DecodingError, match="rolback_f1_drop: unknown, expected rollback_f1_drop"):
        read_thresholds(VALID.replace(b"rollback_f1", b"rolback_f1"))


def test_a_missing_number_is_refused():
    with pytest.raises(DecodingError, match="health_window: missing"):
        read_thresholds(b'{"rollback_f1_drop": 0.03, "rollback_acc_drop": 0.2}')


@pytest.mark.parametrize("value", [b"", b"[]", b"5", b"\xff", b" " * 70_000])
def test_what_is_no_object_is_refused(value: bytes):
    with pytest.raises(DecodingError):
        read_thresholds(value)


def test_a_command_sets_what_it_names_and_leaves_the_rest():
    changed = with_values(Thresholds(note="ours"), {"rollback_f1_drop": 0.03, "health_window": 9.0})

    assert changed == Thresholds(0.03, 0.10, 9, "ours")


@pytest.mark.parametrize(
    "values", [{"health_window": 2.5}, {"rollback_f1_drop": math.nan}, {"health_window": math.inf},
               {"window": 5.0}, {"rollback_acc_drop": -1.0}],
)  # fmt: skip
def test_a_command_with_a_wrong_value_is_refused(values: dict[str, float]):
    with pytest.raises(DecodingError):
        with_values(Thresholds(), values)
