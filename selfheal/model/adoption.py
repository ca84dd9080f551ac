"""Taking in a user's own torch module as the backbone of a model."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# torch annotates only a part of its own signatures.

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from torch import nn

from selfheal.model.adapted import AdaptedModule
from selfheal.model.adapter import Adapter
from selfheal.model.arrays import AnyArray, Float64
from selfheal.model.calibration import LabelledRows, calibrated_model
from selfheal.model.errors import NetworkError
from selfheal.model.features import Encoder
from selfheal.model.model import Model
from selfheal.model.torch_compiled import TorchCompiled
from selfheal.model.torch_module import TorchModule
from selfheal.model.user_module import load_module


def adopt(
    entry_point: str,
    state: Mapping[str, AnyArray],
    encoder: Encoder,
    values: Float64,
    labels: npt.ArrayLike,
    *,
    layers: Sequence[str] = (),
    head: str | None = None,
) -> Model:
    """A model whose backbone is the module that `entry_point` makes, with the weights `state`.

    entry_point: "package.module:factory"; factory() takes nothing and gives an nn.Module that
                 maps encoded rows, float32 (batch, encoder.width), to a logit, (batch,) or
                 (batch, 1)
    values, labels: clean rows (n, f) with labels (n,) that the module was not trained on, for the
                 reference and the metrics
    layers:      names of submodules that latents may follow
    head:        name of the nn.Linear that gives the logit, for head deltas
    Raises NetworkError for a module that is not so, with the encoded columns where it does not take
    them, and ReferenceInvalid for rows of one class alone.
    """
    module = load_module(entry_point, state)
    scorer = TorchCompiled(
        encoder=encoder,
        adapter=Adapter(),
        base=AdaptedModule(module, Adapter(), encoder.width, head),
        active=None,
        layer_names=tuple(layers),
    )
    _require_fit(scorer, values[:2], entry_point)
    is_fraud = np.asarray(labels).ravel() > 0
    widths = {name: _units(hidden) for name, hidden in scorer.layers(values[:2]).items()}
    return calibrated_model(
        encoder,
        dict(state),
        scorer,
        LabelledRows(values, is_fraud, np.ones_like(is_fraud)),
        torch_module=TorchModule(entry_point, widths, head, _head_width(module, head)),
    )


def _require_fit(scorer: TorchCompiled, values: Float64, entry_point: str) -> None:
    """The module takes encoded rows and gives each a logit. Its own code may raise anything."""
    try:
        scorer.score(values)
    except (RuntimeError, TypeError, ValueError, IndexError, AttributeError) as error:
        columns = scorer.encoder.columns
        raise NetworkError(
            f"network: {entry_point} does not take encoded rows, float32 (n, {len(columns)}): "
            f"{str(error).splitlines()[0]}; the columns are {', '.join(columns)}"
        ) from None


def _units(hidden: AnyArray) -> int:
    """Of a layer's output: the last axis, or the channels of one with more than three."""
    return hidden.shape[-1] if hidden.ndim <= 3 else hidden.shape[1]


def _head_width(module: nn.Module, head: str | None) -> int | None:
    if head is None:
        return None
    layer = dict(module.named_modules()).get(head)
    if not isinstance(layer, nn.Linear) or layer.out_features != 1:
        raise NetworkError(f"network: head {head!r} is no Linear with one output, name one or none")
    return layer.in_features
