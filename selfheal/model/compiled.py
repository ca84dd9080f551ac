"""The form in which a model scores: immutable, the active and the base logit at once."""

from functools import lru_cache
from typing import Protocol

from selfheal.model.adapter import Adapter
from selfheal.model.arrays import AnyArray, Float64
from selfheal.model.mlp_compiled import compile_mlp
from selfheal.model.model import Model
from selfheal.model.scores import Scores


class Compiled(Protocol):
    """A model and at most one adapter, ready to score. Immutable: a swap replaces it whole."""

    @property
    def is_identity(self) -> bool:
        """True when the adapter changes nothing: both logits are the same array then."""
        ...

    def score(self, values: Float64) -> Scores:
        """Scores of raw values (n, f); n may be 0. Missing values are NaN."""
        ...

    def layers(self, values: Float64) -> dict[str, AnyArray]:
        """Activations (n, ...) after each named layer of the active model."""
        ...


def compile_model(model: Model, adapter: Adapter | None = None) -> Compiled:
    """The model with this adapter (None: the backbone alone) in the form that scores.

    torch is imported for a model that is a user's torch module, and only then.
    Raises AdapterError for an adapter that does not fit, NetworkError for a module that cannot
    be loaded.
    """
    if model.torch_module is None:
        return _compiled_mlp(model, adapter)
    from selfheal.model.torch_compiled import compile_torch  # noqa: PLC0415  (torch is slow)

    return compile_torch(model, adapter)


@lru_cache(maxsize=16)
def _compiled_mlp(model: Model, adapter: Adapter | None) -> Compiled:
    """Kept: who judges versions on new labels asks for the same ones again and again."""
    return compile_mlp(model.encoder, model.backbone, adapter)
