import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import numpy as safetensors_numpy

from selfheal.model.errors import WeightsError
from selfheal.model.weights import dump, load

ARRAYS = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "scale": np.array(0.1),
    "rows": np.array([3, 4]),
    "is_kept": np.array([True, False]),
    "none": np.zeros((0, 3)),
}


def test_arrays_and_metadata_come_back_as_they_were_written():
    arrays, metadata = load(dump(ARRAYS, {"version": "7", "parent": "base"}))

    assert metadata == {"version": "7", "parent": "base"}
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array, strict=True)


def test_loaded_arrays_are_read_only():
    arrays, _ = load(dump(ARRAYS))

    assert not any(array.flags.writeable for array in arrays.values())


def test_the_same_weights_give_the_same_bytes_whatever_their_order():
    metadata = {str(i): "x" for i in range(20)}
    backwards = dict(reversed(ARRAYS.items()))

    assert dump(ARRAYS, metadata) == dump(backwards, dict(reversed(metadata.items())))


def test_a_file_of_another_writer_has_no_metadata_of_ours():
    content = safetensors_numpy.save({"w": np.ones(2, np.float32)}, {"format": "pt"})

    assert load(content)[1] == {}


def test_more_bytes_than_allowed_are_refused_before_they_are_read():
    content = dump({"w": np.zeros(100)})

    with pytest.raises(WeightsError, match="expected at most 100"):
        load(content, max_bytes=100)


def test_a_truncated_file_is_refused():
    content = dump(ARRAYS)

    for length in range(len(content)):
        with pytest.raises(WeightsError):
            load(content[:length])


def test_other_types_than_plain_numbers_are_neither_written_nor_read():
    halves = {"w": np.ones(2, np.float16)}

    with pytest.raises(WeightsError, match="float16, expected one of"):
        dump(halves)
    with pytest.raises(WeightsError, match="float16, expected one of"):
        load(safetensors_numpy.save(halves))


def test_metadata_that_is_not_text_by_name_is_refused():
    content = safetensors_numpy.save({"w": np.ones(2)}, {"selfheal": "[1]"})

    with pytest.raises(WeightsError, match="metadata"):
        load(content)


@given(st.binary(max_size=300))
def test_any_bytes_are_weights_or_a_weights_error(content):
    _weights_or_error(content)


@given(st.data())
def test_a_damaged_file_is_weights_or_a_weights_error(data):
    content = bytearray(dump(ARRAYS, {"version": "7"}))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))

    _weights_or_error(bytes(content))


@given(
    st.dictionaries(
        st.text(max_size=5),
        hnp.arrays(
            st.sampled_from([np.float32, np.float64, np.int64, np.bool_]), hnp.array_shapes()
        ),
        max_size=3,
    ),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)
def test_whatever_is_written_is_read_back(arrays, metadata):
    try:
        content = dump(arrays, metadata)
    except WeightsError:
        return

    again, read = load(content)

    assert read == metadata
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array, strict=True)


def _weights_or_error(content):
    try:
        arrays, _ = load(content)
    except WeightsError:
        return
    assert all(isinstance(array, np.ndarray) for array in arrays.values())
