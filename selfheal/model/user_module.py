"""Loading the backbone of a model in torch: the built-in network or a user's own module."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from selfheal.model.arrays import AnyArray
from selfheal.model.errors import NetworkError
from selfheal.model.model import Model
from selfheal.model.network import network_from, state_from
from selfheal.model.torch_module import split_entry_point


def load_backbone(model: Model) -> nn.Module:
    """The model's backbone as a torch module of its own, in evaluation mode.

    Runs the user's code where the model names an entry point.
    Raises NetworkError for an entry point that cannot be imported or that gives no module, and
    for weights that are not the module's.
    """
    if model.torch_module is None:
        return network_from(model.backbone).eval()
    return load_module(model.torch_module.entry_point, model.backbone)


def load_module(entry_point: str, state: Mapping[str, AnyArray]) -> nn.Module:
    """The module that the entry point's factory makes, with these weights, in evaluation mode."""
    with torch.random.fork_rng(devices=[]):
        module = _made(entry_point)
    if not isinstance(module, nn.Module):
        raise NetworkError(f"network: {entry_point} gave no torch module, expected nn.Module")
    try:
        module.load_state_dict(state_from(state))
    except RuntimeError as error:
        reason = " ".join(str(error).split())  # torch gives a line for each kind of difference
        raise NetworkError(f"network: weights are not those of {entry_point}: {reason}") from None
    return module.eval()


def _made(entry_point: str) -> Any:
    """What the factory makes. It is a user's code, so it may raise anything."""
    make = _factory(entry_point)
    try:
        return make()
    except Exception as error:
        raise NetworkError(
            f"network: {entry_point} failed with {type(error).__name__}; it must take nothing and "
            "make the module"
        ) from error


def _factory(entry_point: str) -> Callable[[], Any]:
    module, factory = split_entry_point(entry_point)
    try:
        return getattr(importlib.import_module(module), factory)
    except (ImportError, AttributeError) as error:
        raise NetworkError(
            f"network: entry point {entry_point} cannot be loaded ({error}); install its package "
            "or name its folder in PYTHONPATH"
        ) from None
