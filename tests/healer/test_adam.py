"""Adam as a plain value against torch's own."""

import pytest
import torch

from healer.adam import Adam


@pytest.fixture
def tensors():
    generator = torch.Generator().manual_seed(900)
    return [torch.randn(shape, generator=generator) for shape in ((4, 3), (4,), ())]


def steps_of(adam, parameters, count, first=0):
    """Steps on a loss that changes from step to step."""
    for step in range(first, first + count):
        loss = sum(((parameter - 0.1 * step) ** 4).sum() for parameter in parameters)
        adam = adam.step(parameters, torch.autograd.grad(loss, parameters), learning_rate=0.01)
    return adam


def test_it_moves_as_torchs_adam_does(tensors):
    ours, theirs = ([t.clone().requires_grad_() for t in tensors] for _ in range(2))
    reference = torch.optim.Adam(theirs, lr=0.01)

    steps_of(Adam.new(ours), ours, 30)
    for step in range(30):
        reference.zero_grad()
        sum(((parameter - 0.1 * step) ** 4).sum() for parameter in theirs).backward()
        reference.step()

    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


def test_it_goes_on_where_it_was_left(tensors):
    whole, parts = ([t.clone().requires_grad_() for t in tensors] for _ in range(2))

    steps_of(Adam.new(whole), whole, 10)
    left = steps_of(Adam.new(parts), parts, 5)
    steps_of(left, parts, 5, first=5)

    assert left.steps == 5
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(one, other, rtol=0.0, atol=0.0)


def test_a_step_leaves_the_state_before_it_as_it_was(tensors):
    parameters = [t.clone().requires_grad_() for t in tensors]
    before = steps_of(Adam.new(parameters), parameters, 3)
    means = [mean.clone() for mean in before.means]

    steps_of(before, parameters, 1)

    assert before.steps == 3
    for kept, mean in zip(means, before.means, strict=True):
        torch.testing.assert_close(kept, mean, rtol=0.0, atol=0.0)
