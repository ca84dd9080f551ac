"""The published heal against the article's network, healed as a whole in torch."""

from dataclasses import replace
from math import log

import numpy as np
import pytest
import torch
from scipy.special import expit, xlogy

from healer.article_recipe import article_heal, fraud_weight, heal_loss, rule_verdict
from healer.evidence import Rows
from healer.policy_settings import HealingSettings
from selfheal.model.compiled import compile_model
from selfheal.model.metrics import measure
from selfheal.model.network import network_from
from tests.healer.rows import rows_of

SETTINGS = HealingSettings()


@pytest.fixture
def batches(model, article_stream) -> tuple[Rows, Rows]:
    """The first two batches of drifted rows, as the backbone alone scored them."""
    return tuple(batch_of(model, article_stream, first) for first in (1_000, 1_100))


def batch_of(model, stream, first) -> Rows:
    drawn = stream.rows(first, 100)
    score = compile_model(model).score(drawn.values).score
    is_flagged = drawn.values[:, model.schema.names.index("V14")] < -1.5
    return rows_of(
        drawn.values,
        label=drawn.labels.astype(np.float64),
        score=score,
        shadow_score=score,
        conflict=is_flagged & (score < 0.3),
    )


class Reference:
    """The whole network in torch: only the ReflexiveLayer has gradients, one Adam for all heals."""

    def __init__(self, model):
        self.model = model
        self.network = network_from(model.backbone)
        self.network.freeze_for_healing()
        healed = [each for each in self.network.parameters() if each.requires_grad]
        self.optimiser = torch.optim.Adam(healed, lr=0.003)

    def heal(self, batch: Rows) -> None:
        x = torch.from_numpy(self.model.encoder.encode(batch.values))
        labels = torch.from_numpy(batch.label).float()
        is_flagged = batch.values[:, self.model.schema.names.index("V14")] < -1.5
        rules = torch.from_numpy(is_flagged).float()
        weight = fraud_weight(batch.label[batch.conflict])
        for _ in range(5):
            self.optimiser.zero_grad()
            heal_loss(self.network(x), labels, rules, weight).backward()
            self.optimiser.step()

    def assert_agrees_with(self, healed) -> None:
        ours = (healed.w1, healed.b1, healed.w2, healed.b2, healed.scale)
        layer = self.network.reflexive
        theirs = (
            *(layer.first.weight, layer.first.bias),
            *(layer.second.weight, layer.second.bias),
            layer.scale,
        )
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(one, other.detach().numpy(), rtol=1e-4, atol=2e-5)


@pytest.mark.parametrize(
    ("frauds", "conflicts", "weight"),
    [
        *((0, 0, 1.0), (0, 50, 1.0), (1, 11, 1.0)),
        *((1, 10, 2.0), (1, 5, 3.0), (1, 4, 3.5)),
        *((3, 10, 4.0), (1, 3, 4.0), (9, 9, 4.0)),
    ],
)
def test_a_fraud_weighs_1_below_a_tenth_of_the_conflicts_then_1_plus_10_f_and_4_at_most(
    frauds, conflicts, weight
):
    labels = np.array([1.0] * frauds + [0.0] * (conflicts - frauds))

    assert fraud_weight(labels) == pytest.approx(weight)


def test_the_loss_of_two_rows_on_the_fence_is_as_computed_by_hand():
    logit, labels, rules = torch.zeros(2), torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0])

    loss = heal_loss(logit, labels, rules, weight=3.5)

    # Every part is ln 2 where p is 1/2; the fraud's label counts 3.5 times.
    by_hand = 0.70 * (3.5 + 1.0) / 2 * log(2) + 0.24 * log(2) + 0.03 * log(2)
    assert float(loss) == pytest.approx(by_hand)


def test_the_loss_of_one_row_is_as_computed_by_hand():
    logit, label, rule = torch.tensor([log(3.0)]), torch.ones(1), torch.zeros(1)

    loss = heal_loss(logit, label, rule, weight=4.0)

    entropy = 0.75 * log(4 / 3) + 0.25 * log(4)
    by_hand = 0.70 * 4.0 * log(4 / 3) + 0.24 * log(4) + 0.03 * entropy
    assert float(loss) == pytest.approx(by_hand)


def test_the_loss_is_the_published_sum_on_any_rows(rng):
    logit, labels = rng.normal(0, 2, 50), rng.integers(0, 2, 50)
    rules, weight = rng.integers(0, 2, 50), 2.5
    p = expit(logit)

    loss = heal_loss(*(torch.tensor(each).float() for each in (logit, labels, rules)), weight)

    by_labels = -(weight * labels * np.log(p) + (1 - labels) * np.log(1 - p)).mean()
    by_rules = -(rules * np.log(p) + (1 - rules) * np.log(1 - p)).mean()
    entropy = -(xlogy(p, p) + xlogy(1 - p, 1 - p)).mean()
    published = 0.70 * by_labels + (1 - 0.70) * 0.80 * by_rules + 0.03 * entropy
    assert float(loss) == pytest.approx(published, rel=1e-5)


def test_the_rules_verdict_is_fraud_below_minus_one_and_a_half(model, rng):
    values = rng.normal(-1.5, 1.0, (200, len(model.schema.names)))

    verdict = rule_verdict(model, values)

    np.testing.assert_array_equal(verdict, values[:, model.schema.names.index("V14")] < -1.5)


def test_a_rule_that_says_legitimate_has_no_part_in_the_verdict(model):
    quiet = '[[rule]]\nname = "low"\nwhen = "V14 < 9"\nverdict = "legitimate"\n'

    verdict = rule_verdict(replace(model, rules_toml=quiet), np.zeros((3, 10)))

    assert verdict.tolist() == [0.0, 0.0, 0.0]


def test_a_heal_is_five_adam_steps_of_the_whole_network_with_all_but_one_layer_frozen(
    model, batches
):
    reference = Reference(model)

    proposal = article_heal(model, None, None, batches[0], SETTINGS)
    reference.heal(batches[0])

    reference.assert_agrees_with(proposal.adapter.latents["backbone"])


def test_the_optimiser_lasts_from_heal_to_heal(model, batches):
    reference = Reference(model)
    for batch in batches:
        reference.heal(batch)

    first = article_heal(model, None, None, batches[0], SETTINGS)
    second = article_heal(model, first.adapter, first.memory, batches[1], SETTINGS)
    forgetful = article_heal(model, first.adapter, None, batches[1], SETTINGS)

    healed = second.adapter.latents["backbone"]
    reference.assert_agrees_with(healed)
    assert np.abs(healed.w1 - forgetful.adapter.latents["backbone"].w1).max() > 1e-3


def test_a_heal_begins_where_the_served_layer_stands_and_leaves_that_as_it_is(model, batches):
    served = article_heal(model, None, None, batches[0], SETTINGS).adapter
    before = served.latents["backbone"].w1.copy()

    still = article_heal(model, served, None, batches[1], replace(SETTINGS, heal_lr=1e-9)).adapter

    np.testing.assert_allclose(still.latents["backbone"].w1, before, atol=1e-6)
    np.testing.assert_array_equal(served.latents["backbone"].w1, before)


def test_only_the_reflexive_layer_changes(model, batches):
    proposal = article_heal(model, None, None, batches[0], SETTINGS)

    assert {name.split(".")[0] for name in proposal.adapter.to_arrays()} == {"latent"}
    assert list(proposal.adapter.latents) == ["backbone"]
    values = batches[1].values
    base, healed = compile_model(model), compile_model(model, proposal.adapter)
    before, after = base.layers(values), healed.layers(values)
    np.testing.assert_array_equal(after["backbone"], before["backbone"])
    assert np.abs(after["reflexive"] - before["reflexive"]).max() > 0.0
    np.testing.assert_array_equal(healed.score(values).base_logit, base.score(values).logit)


def test_a_heal_is_reported_by_the_batch_that_it_trained_on_and_passes_no_gate(model, batches):
    batch = batches[0]

    proposal = article_heal(model, None, None, batch, SETTINGS)

    after = measure(batch.label, compile_model(model, proposal.adapter).score(batch.values).score)
    gate = proposal.gate
    assert (gate.verdict, gate.reason, proposal.tags) == ("promote", "no_gate", ("post_heal",))
    assert (gate.accuracy, gate.f1) == (after.accuracy, after.f1)
    assert gate.previous_accuracy == measure(batch.label, batch.score).accuracy
    assert (proposal.rows, proposal.labelled_rows, proposal.threshold) == (100, 100, None)


def test_the_same_heal_twice_is_the_same(model, batches):
    one, other = (article_heal(model, None, None, batches[0], SETTINGS) for _ in range(2))

    for name, array in one.adapter.to_arrays().items():
        np.testing.assert_array_equal(array, other.adapter.to_arrays()[name])
