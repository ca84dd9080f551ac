# torch's own annotations are partial, hence:
# pyright: reportUnknownMemberType=false
"""The published heal: five Adam steps on the ReflexiveLayer, backbone and head frozen.

Loss = 0.70 weighted BCE on the labels + 0.30 * 0.80 BCE to the rules' verdict + 0.03 entropy.
Source: the self-healing fraud article. Faithful, its faults included: it trains on labels while its
text claims none, and reports the figures of the very batch that it trained on.
"""

import numpy as np
import torch
from torch.nn import functional

from healer.adam import Adam
from healer.evidence import Floats, Rows
from healer.judging import known
from healer.policy import GateFigures, Proposal
from healer.policy_settings import HealingSettings
from registry.snapshot import POST_HEAL
from selfheal.model.adapter import Adapter, Reflexive
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.mlp import MlpWeights
from selfheal.model.model import Model
from selfheal.model.training import one_thread

LAYER = "backbone"
"""The healed ReflexiveLayer follows this layer, in the place of the trained one."""

ALPHA = 0.70
"""Share of the labels in the loss; the rules have the rest."""

LAMBDA_LAG = 0.80
"""Weight of the rules' part."""

ENTROPY_WEIGHT = 0.03

_NAMES = ("w1", "b1", "w2", "b2", "scale")


def article_heal(
    model: Model,
    served: Adapter | None,
    learner: Adam | None,
    batch: Rows,
    settings: HealingSettings,
) -> Proposal:
    """Heal on one labelled batch. Always proposes: the recipe has no gate.

    learner: the one optimiser, as the last heal left it; None before the first
    """
    verdict = rule_verdict(model, batch.values)
    weight = fraud_weight(batch.label[batch.conflict])
    reflexive = _serving(model, served)
    with one_thread():
        healed, learner = _train(model, reflexive, learner, batch, verdict, weight, settings)
    adapter = Adapter(latents={LAYER: healed})
    return _reported(model, adapter, learner, batch, settings)


def fraud_weight(conflict_labels: Floats) -> float:
    """pos_weight from the share f of frauds among the conflicts: 1 below 0.10, else 1 + 10 f <= 4.

    >>> fraud_weight(np.array([0.0, 0.0, 0.0, 1.0]))
    3.5
    """
    share = float(conflict_labels.mean()) if len(conflict_labels) else 0.0
    return 1.0 if share < 0.10 else min(1.0 + 10.0 * share, 4.0)


def rule_verdict(model: Model, values: Floats) -> Floats:
    """(n,) 1 where a fraud rule fires, else 0. The recipe has no alignment: raw is aligned."""
    verdict = np.zeros(len(values), dtype=np.bool_)
    for rule in model.rules:
        if rule.verdict == "fraud":
            verdict |= rule.fires(values)
    return verdict.astype(np.float64)


def _serving(model: Model, served: Adapter | None) -> Reflexive:
    """The ReflexiveLayer in force: the served adapter's, else the trained one."""
    latent = served.latents.get(LAYER) if served else None
    if isinstance(latent, Reflexive):
        return latent
    return MlpWeights.from_arrays(model.encoder.width, model.backbone).reflexive


def _train(
    model: Model,
    reflexive: Reflexive,
    learner: Adam | None,
    batch: Rows,
    verdict: Floats,
    weight: float,
    settings: HealingSettings,
) -> tuple[Reflexive, Adam]:
    hidden = torch.from_numpy(compile_model(model).layers(batch.values)[LAYER])  # (n, hidden)
    backbone = MlpWeights.from_arrays(model.encoder.width, model.backbone)
    head = torch.tensor(np.asarray(backbone.head_w))  # (hidden,)
    labels, rules = torch.from_numpy(batch.label).float(), torch.from_numpy(verdict).float()
    parameters = [
        torch.tensor(np.asarray(getattr(reflexive, name)), dtype=torch.float32).requires_grad_()
        for name in _NAMES
    ]
    adam = Adam.new(parameters) if learner is None else learner
    for _ in range(settings.heal_steps):
        w1, b1, w2, b2, scale = parameters
        inner = torch.tanh(hidden @ w1.T + b1) @ w2.T + b2  # (n, hidden)
        logit = (hidden + scale * inner) @ head + backbone.head_b  # (n,)
        gradients = torch.autograd.grad(heal_loss(logit, labels, rules, weight), parameters)
        adam = adam.step(parameters, gradients, settings.heal_lr)
    return _reflexive(parameters), adam


def heal_loss(
    logit: torch.Tensor, labels: torch.Tensor, rules: torch.Tensor, weight: float
) -> torch.Tensor:
    """The recipe's loss, a scalar. All arguments float32 (n,) but the weight of a fraud."""
    bce = functional.binary_cross_entropy_with_logits
    by_labels = bce(logit, labels, pos_weight=torch.tensor(weight))
    by_rules = bce(logit, rules)
    p = torch.sigmoid(logit).clamp(1e-6, 1.0 - 1e-6)
    entropy = -(p * p.log() + (1.0 - p) * (1.0 - p).log()).mean()
    return ALPHA * by_labels + (1.0 - ALPHA) * LAMBDA_LAG * by_rules + ENTROPY_WEIGHT * entropy


def _reflexive(parameters: list[torch.Tensor]) -> Reflexive:
    w1, b1, w2, b2, scale = (parameter.detach().numpy().copy() for parameter in parameters)
    return Reflexive(w1=w1, b1=b1, w2=w2, b2=b2, scale=float(scale))


def _reported(
    model: Model, adapter: Adapter, learner: Adam, batch: Rows, settings: HealingSettings
) -> Proposal:
    """Figures as published: of the batch that the heal was trained on."""
    after = measure(batch.label, compile_model(model, adapter).score(batch.values).score)
    before = measure(batch.label, batch.score)
    gate = GateFigures(
        verdict="promote",
        reason="no_gate",
        rows=len(batch),
        labelled_rows=len(batch),
        frauds=int(batch.label.sum()),
        accuracy=after.accuracy,
        previous_accuracy=before.accuracy,
        f1=known(after.f1),
        previous_f1=known(before.f1),
    )
    return Proposal(
        adapter=adapter,
        gate=gate,
        rows=len(batch),
        labelled_rows=len(batch),
        first_event_ms=int(batch.event_ms.min()),
        last_event_ms=int(batch.event_ms.max()),
        tags=(POST_HEAL,),
        memory=learner,
    )
