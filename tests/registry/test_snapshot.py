import subprocess
import sys
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import RecordRefused, Refusal
from registry.snapshot import (
    MAX_SNAPSHOT_BYTES,
    Snapshot,
    dump_snapshot,
    hash_of,
    parse_snapshot,
)
from selfheal.model.weights import dump
from selfheal.records import encode


def refusal_of(value):
    with pytest.raises(RecordRefused) as refused:
        parse_snapshot(value)
    return refused.value.kind


def test_snapshot_comes_back_whole(make_snapshot):
    snapshot = make_snapshot("v3")

    parsed = parse_snapshot(dump_snapshot(snapshot))

    assert parsed.info == snapshot.info
    assert parsed.adapter.alignment.scale.tolist() == [1.0, 3.0]
    assert parsed.adapter.output.shift == -3.0
    assert parsed.regime["means"].tolist() == [0.1, -2.2]


def test_equal_snapshots_give_equal_bytes(make_snapshot):
    assert dump_snapshot(make_snapshot("v3")) == dump_snapshot(make_snapshot("v3"))


def test_hash_is_sha256_of_the_bytes():
    # echo -n abc | sha256sum
    assert hash_of(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_undefined_gate_figure_comes_back_as_none(make_snapshot):
    snapshot = make_snapshot("v1", gate={"f1": float("nan"), "rows": 40.0})

    assert parse_snapshot(dump_snapshot(snapshot)).info.gate == {"f1": None, "rows": 40.0}


def test_snapshot_without_any_part_is_a_snapshot(make_snapshot):
    adapterless = Snapshot(make_snapshot("v1").info, type(make_snapshot("v1").adapter)())

    assert parse_snapshot(dump_snapshot(adapterless)).adapter.is_identity


@pytest.mark.parametrize("kept", [0, 1, 7, 8, 100, -1])
def test_truncated_snapshot_is_refused(make_snapshot, kept):
    value = dump_snapshot(make_snapshot("v1"))

    assert refusal_of(value[:kept]) is Refusal.NOT_A_SNAPSHOT


def test_absurd_size_is_refused_before_it_is_looked_at():
    assert refusal_of(bytes(MAX_SNAPSHOT_BYTES + 1)) is Refusal.TOO_LARGE


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(make_snapshot, number):
    snapshot = make_snapshot("v1")
    arrays = {f"adapter.{name}": a for name, a in snapshot.adapter.to_arrays().items()}
    arrays["adapter.alignment.scale"] = np.array([1.0, number])
    metadata = {"snapshot": _info_of(snapshot)}

    assert refusal_of(dump(arrays, metadata)) is Refusal.NOT_FINITE


def test_regime_that_is_not_finite_is_never_published(make_snapshot):
    snapshot = replace(make_snapshot("v1"), regime={"means": np.array([np.nan])})

    with pytest.raises(RecordRefused, match="NaN or infinite"):
        dump_snapshot(snapshot)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "3"},
        {"version": "v0"},
        {"version": "v1/../v2"},
        {"parent": "clean"},
        {"backbone_hash": "abc"},
        {"threshold": 1.5},
        {"created_ms": -1},
    ],
)
def test_impossible_story_is_never_published(make_snapshot, changes):
    snapshot = make_snapshot("v1")

    with pytest.raises(RecordRefused, match="not a snapshot"):
        dump_snapshot(replace(snapshot, info=replace(snapshot.info, **changes)))


@pytest.mark.parametrize(
    "metadata", [{}, {"snapshot": ""}, {"snapshot": "[]"}, {"snapshot": "null"}, {"other": "{}"}]
)
def test_safetensors_without_a_story_is_refused(metadata):
    assert refusal_of(dump({"adapter.output.scale": np.array(1.0)}, metadata)) is (
        Refusal.NOT_A_SNAPSHOT
    )


def test_unknown_part_is_refused(make_snapshot):
    metadata = {"snapshot": _info_of(make_snapshot("v1"))}

    assert refusal_of(dump({"adapter.telepathy": np.ones(2)}, metadata)) is Refusal.NOT_A_SNAPSHOT


@given(value=st.binary(max_size=400))
def test_any_bytes_give_a_snapshot_or_the_one_error(value):
    with suppress(RecordRefused):
        parse_snapshot(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_gives_a_snapshot_or_the_one_error(make_snapshot, place, bit):
    value = bytearray(dump_snapshot(make_snapshot("v1")))
    value[place % len(value)] ^= 1 << bit

    with suppress(RecordRefused):
        parse_snapshot(bytes(value))


def test_reading_a_snapshot_does_not_load_torch():
    code = "import sys, registry.feed, registry.publish; assert 'torch' not in sys.modules"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _info_of(snapshot):
    return encode(snapshot.info).decode()
