import pytest

from registry.record import Part, parse_key, pointer_key, snapshot_key, version_number


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("active", (Part.ACTIVE, "")),
        ("snapshot/v12", (Part.SNAPSHOT, "v12")),
        ("pin/v1", (Part.PIN, "v1")),
        ("pointer/7", (Part.POINTER, "7")),
        ("model/" + "0f" * 32, (Part.MODEL, "0f" * 32)),
    ],
)
def test_known_keys_are_told_apart(key, named):
    assert parse_key(key) == named


@pytest.mark.parametrize(
    "key",
    [
        "",
        "active/v1",
        "snapshot/",
        "snapshot/base",
        "snapshot/v01",
        "snapshot/v1/v2",
        "snapshot/v1\n",
        "pointer/0",
        "pointer/-1",
        "pointer/" + "9" * 30,
        "model/abc",
        "snapshot/v٣",
        "\ufffd",
    ],
)
def test_any_other_key_is_unknown(key):
    assert parse_key(key) is None


def test_keys_are_what_parsing_expects():
    assert parse_key(snapshot_key("v3")) == (Part.SNAPSHOT, "v3")
    assert parse_key(pointer_key(3)) == (Part.POINTER, "3")


def test_versions_sort_by_number():
    assert sorted(["v10", "v9", "base"], key=version_number) == ["base", "v9", "v10"]
