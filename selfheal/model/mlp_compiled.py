"""The built-in network, compiled to plain arrays: numpy alone, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from selfheal.model.adapter import Adapter, Reflexive
from selfheal.model.arrays import AnyArray, Float64, frozen64
from selfheal.model.correction import corrected, corrects
from selfheal.model.features import Encoder
from selfheal.model.fit import require_fit
from selfheal.model.mlp import LAYERS, MlpWeights
from selfheal.model.probability import LOGIT_LIMIT
from selfheal.model.scores import Scores
from selfheal.model.stages import Head, Stage, dense_relu, fused, latent_stage

BLOCK_ROWS = 2_048
"""Rows that go through the network together: memory stays bounded, and in the cache."""


@dataclass(frozen=True, slots=True, eq=False)
class MlpCompiled:
    """The built-in network with an adapter, ready to score (see `Compiled`).

    base, active: the steps from encoded rows to the logit; the first `shared` of them are common
    tapped:       the active steps again, none of them fused, for `layers`
    affine:       alignment and standardisation as one affine map; None without alignment
    corrects:     the adapter changes the network's logit as well
    taps:         after how many tapped steps each named layer's activations are there
    """

    encoder: Encoder
    adapter: Adapter
    base: tuple[Stage, ...]
    active: tuple[Stage, ...]
    tapped: tuple[Stage, ...]
    shared: int
    affine: tuple[Float64, Float64] | None
    corrects: bool
    taps: Mapping[str, int]

    @property
    def is_identity(self) -> bool:
        """True when the adapter changes nothing: both logits are the same array then."""
        return self.affine is None and not self.corrects and self._has_base_network

    @property
    def _has_base_network(self) -> bool:
        return self.shared == len(self.base) == len(self.active)

    def score(self, values: Float64) -> Scores:
        """Scores of raw values (n, f); n may be 0. Missing values are NaN."""
        starts = range(0, max(len(values), 1), BLOCK_ROWS)
        blocks = [self._finite_logits(values[start : start + BLOCK_ROWS]) for start in starts]
        base = np.concatenate([base for base, _ in blocks])
        active = base if self.is_identity else np.concatenate([active for _, active in blocks])
        return Scores(active, base, self.adapter.align(values, self.encoder.schema.numeric))

    def layers(self, values: Float64) -> dict[str, AnyArray]:
        """Activations float32 (n, h) after each named layer of the active network."""
        hidden: AnyArray = self.encoder.encode(values, self.affine)
        found: dict[str, AnyArray] = {}
        for done, step in enumerate(self.tapped[:-1], start=1):
            hidden = step(hidden)
            found |= {layer: hidden for layer, steps in self.taps.items() if steps == done}
        return found

    def _finite_logits(self, values: Float64) -> tuple[AnyArray, AnyArray]:
        """(base, active), float32 (n,). Rows too large for float32 go through float64 again."""
        encoded: AnyArray = self.encoder.encode(values)
        aligned = encoded if self.affine is None else self.encoder.encode(values, self.affine)
        with np.errstate(over="ignore", invalid="ignore"):
            base, active = self._logits(encoded, aligned)
            lost = ~(np.isfinite(base) & np.isfinite(active))
        if lost.any():
            doubles = encoded[lost].astype(np.float64), aligned[lost].astype(np.float64)
            exact = self._logits(*doubles)
            base[lost], active[lost] = (x.clip(-LOGIT_LIMIT, LOGIT_LIMIT) for x in exact)
        clipped = base.clip(-LOGIT_LIMIT, LOGIT_LIMIT)
        return clipped, active.clip(-LOGIT_LIMIT, LOGIT_LIMIT)

    def _logits(self, encoded: AnyArray, aligned: AnyArray) -> tuple[AnyArray, AnyArray]:
        if self.affine is None:
            common = _through(self.base[: self.shared], encoded)
            base = _through(self.base[self.shared :], common)
            is_same = self._has_base_network
            active = base if is_same else _through(self.active[self.shared :], common)
        else:
            base, active = _through(self.base, encoded), _through(self.active, aligned)
        return base, corrected(active, aligned, self.adapter) if self.corrects else active


def compile_mlp(
    encoder: Encoder, arrays: Mapping[str, AnyArray], adapter: Adapter | None = None
) -> MlpCompiled:
    """The network with these weights (see `MlpWeights`), with an adapter or alone.

    Parts that change nothing are left out, so that the base's work is shared as far as it can be.
    Raises NetworkError for weights, AdapterError for an adapter, that do not fit.
    """
    weights = MlpWeights.from_arrays(encoder.width, arrays)
    adapter = adapter or Adapter()
    require_fit(adapter, encoder, dict.fromkeys(LAYERS, weights.hidden), weights.hidden)
    named = _named_steps(weights)
    tapped, taps = _adapted(named, weights, adapter)
    own = tuple(named.values())
    base = fused(own)
    active = base if tapped == own else fused(tapped)
    return MlpCompiled(
        encoder=encoder,
        adapter=adapter,
        base=base,
        active=active,
        tapped=tapped,
        shared=_common_steps(base, active),
        affine=_folded(encoder, adapter),
        corrects=corrects(adapter),
        taps=taps,
    )


def _common_steps(base: tuple[Stage, ...], active: tuple[Stage, ...]) -> int:
    pairs = enumerate(zip(base, active, strict=False))
    return next((i for i, (a, b) in pairs if a is not b), min(len(base), len(active)))


def _named_steps(weights: MlpWeights) -> dict[str, Stage]:
    """The backbone's own steps, each under the layer that it completes."""
    first, second, reflexive = LAYERS
    return {
        first: dense_relu(weights.first_w, weights.first_b),
        second: dense_relu(weights.second_w, weights.second_b),
        reflexive: latent_stage(weights.reflexive),
        "head": Head(weights.head_w, weights.head_b),
    }


def _adapted(
    named: Mapping[str, Stage], weights: MlpWeights, adapter: Adapter
) -> tuple[tuple[Stage, ...], dict[str, int]]:
    """The active steps, and how many of them complete each layer."""
    steps = dict(named)
    inserted = {layer: latent for layer, latent in adapter.latents.items() if not latent.is_silent}
    replacement = adapter.latents.get("backbone")
    if isinstance(replacement, Reflexive):
        inserted.pop("backbone", None)
        if not _is_equal(replacement, weights.reflexive):
            steps["reflexive"] = latent_stage(replacement)
    if adapter.head is not None and not adapter.head.is_identity:
        head_w = weights.head_w + adapter.head.weight
        steps["head"] = Head(head_w, weights.head_b + adapter.head.bias)
    active: list[Stage] = []
    taps: dict[str, int] = {}
    for layer, step in steps.items():
        active.append(step)
        if layer in inserted:
            active.append(latent_stage(inserted[layer]))
        taps[layer] = len(active)
    del taps["head"]
    return tuple(active), taps


def _is_equal(one: Reflexive, other: Reflexive) -> bool:
    pairs = ((one.w1, other.w1), (one.b1, other.b1), (one.w2, other.w2), (one.b2, other.b2))
    return one.scale == other.scale and all(np.array_equal(a, b) for a, b in pairs)


def _folded(encoder: Encoder, adapter: Adapter) -> tuple[Float64, Float64] | None:
    """(a x + b - centre) / scale as one affine map, in float64."""
    alignment = adapter.alignment
    if alignment is None or alignment.is_identity:
        return None
    multiplier, offset = encoder.affine
    return frozen64(alignment.scale * multiplier), frozen64(alignment.shift * multiplier + offset)


def _through(steps: tuple[Stage, ...], hidden: AnyArray) -> AnyArray:
    for step in steps:
        hidden = step(hidden)
    return hidden
