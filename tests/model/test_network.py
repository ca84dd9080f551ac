import numpy as np
import pytest
import torch
from torch import nn

from selfheal.model.network import (
    HealingAdapter,
    ReflexiveLayer,
    SelfHealingMLP,
    arrays_from,
    network_from,
    new_network,
)


def parameters(module: nn.Module, *, learning: bool = False) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not learning)


def test_the_article_s_network_has_13250_parameters_of_which_8321_are_reflexive():
    network = SelfHealingMLP(10)

    assert parameters(network) == 13_250
    assert parameters(network.reflexive) == 8_321


def test_freezing_for_healing_leaves_gradients_on_the_reflexive_layer_alone():
    network = SelfHealingMLP(10)

    network.freeze_for_healing()

    assert parameters(network, learning=True) == 8_321
    assert all(p.requires_grad for p in network.reflexive.parameters())


def test_unfreezing_gives_every_parameter_its_gradient_back():
    network = SelfHealingMLP(10)
    network.freeze_for_healing()

    network.unfreeze_all()

    assert parameters(network, learning=True) == 13_250


def test_the_reflexive_layer_is_the_article_s_formula_with_a_scale_of_a_tenth():
    layer = ReflexiveLayer(4)
    x = torch.randn(3, 4)

    expected = x + 0.1 * layer.second(torch.tanh(layer.first(x)))

    torch.testing.assert_close(layer(x), expected)


def test_a_healing_adapter_is_the_identity_until_its_gate_opens():
    adapter, h = HealingAdapter(16), torch.randn(3, 16)

    assert torch.equal(adapter(h), h)
    with torch.no_grad():
        adapter.gate.fill_(1.0)
    assert not torch.equal(adapter(h), h)


def test_the_bottleneck_is_a_quarter_of_the_layer():
    assert HealingAdapter(64).down.out_features == 16


def test_a_gate_at_zero_still_learns():
    adapter = HealingAdapter(16)

    adapter(torch.randn(3, 16)).sum().backward()

    assert adapter.gate.grad is not None
    assert adapter.gate.grad != 0


def test_a_new_network_depends_on_its_generator_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()

    first = new_network(5, torch.Generator().manual_seed(3))
    torch.manual_seed(2)
    second = new_network(5, torch.Generator().manual_seed(3))

    torch.manual_seed(1)
    assert torch.equal(torch.get_rng_state(), before)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_a_new_network_is_drawn_as_torch_draws_its_layers():
    drawn = new_network(1_000, torch.Generator().manual_seed(3))

    usual = SelfHealingMLP(1_000)
    for ours, torchs in zip(drawn.parameters(), usual.parameters(), strict=True):
        if ours.numel() > 1_000:
            assert ours.abs().max().item() == pytest.approx(torchs.abs().max().item(), rel=0.01)
            assert ours.std().item() == pytest.approx(torchs.std().item(), rel=0.05)


def test_weights_go_to_arrays_and_back():
    network = new_network(5, torch.Generator().manual_seed(3))
    x = torch.randn(4, 5)

    again = network_from(arrays_from(network))

    torch.testing.assert_close(again(x), network(x), rtol=0, atol=0)


def test_arrays_are_copies_that_later_training_does_not_reach():
    network = new_network(5, torch.Generator().manual_seed(3))
    arrays = arrays_from(network)
    before = arrays["head.weight"].copy()

    with torch.no_grad():
        network.head.weight += 1

    np.testing.assert_array_equal(arrays["head.weight"], before)
