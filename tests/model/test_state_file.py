"""A user's file of weights gives tensors, and runs nothing."""

import io
import os
import pickle
import random

import numpy as np
import pytest
import torch

from selfheal.model.errors import WeightsError
from selfheal.model.state_file import read_state
from selfheal.model.weights import dump


def saved(thing) -> bytes:
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    return buffer.getvalue()


def test_what_torch_saves_comes_back_as_arrays():
    net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))

    state = read_state(saved(net.state_dict()), "net.pt")

    assert list(state) == list(net.state_dict())
    for name, tensor in net.state_dict().items():
        np.testing.assert_array_equal(state[name], tensor.numpy())


def test_safetensors_are_read_as_that():
    arrays = {"weight": np.arange(3, dtype=np.float32)}

    state = read_state(dump(arrays), "net.safetensors")

    np.testing.assert_array_equal(state["weight"], arrays["weight"])


def test_half_precision_becomes_float32():
    state = read_state(saved({"w": torch.tensor([1.5], dtype=torch.bfloat16)}), "net.pt")

    assert state["w"].dtype == np.float32
    assert state["w"].tolist() == [1.5]


class Attack:
    def __reduce__(self):
        return os.mkdir, ("ran",)


@pytest.mark.parametrize("content", [saved(Attack()), pickle.dumps(Attack(), protocol=2)])
def test_code_in_a_file_is_not_run(content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WeightsError, match=r"net\.pt: no file of tensors alone"):
        read_state(content, "net.pt")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x80\x02nonsense", random.Random(7).randbytes(64)]
)
def test_bytes_that_are_nothing_are_refused(content):
    for name in ("net.pt", "net.safetensors"):
        with pytest.raises(WeightsError):
            read_state(content, name)


@pytest.mark.parametrize(
    "thing", [{}, [torch.zeros(1)], {"a": {"b": torch.zeros(1)}}, {1: torch.zeros(1)}]
)
def test_anything_but_tensors_by_name_is_refused(thing):
    with pytest.raises(WeightsError, match="holds no state_dict"):
        read_state(saved(thing), "net.pt")
