# torch's own annotations are partial, hence:
# pyright: reportUnknownMemberType=false
"""Adam as a plain value, so that a policy can remember it from heal to heal.

The same numbers as `torch.optim.Adam`, whose first step loads torch's compiler with 900 modules:
seconds in which the first heal would wait.
Source: Kingma and Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

BETA_1, BETA_2 = 0.9, 0.999
EPSILON = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Adam:
    """Steps so far, and the moments of each parameter's gradient.

    means, squares: decayed sums, of the parameters' shapes

    >>> x = torch.tensor([3.0], requires_grad=True)
    >>> adam = Adam.new([x])
    >>> for _ in range(200):
    ...     adam = adam.step([x], torch.autograd.grad((x**2).sum(), [x]), learning_rate=0.1)
    >>> abs(x.item()) < 0.1
    True
    """

    steps: int
    means: tuple[torch.Tensor, ...]
    squares: tuple[torch.Tensor, ...]

    @staticmethod
    def new(parameters: Sequence[torch.Tensor]) -> "Adam":
        """Before the first step."""
        zeros = tuple(torch.zeros_like(parameter) for parameter in parameters)
        return Adam(0, zeros, zeros)

    @torch.no_grad()
    def step(
        self,
        parameters: Sequence[torch.Tensor],
        gradients: Sequence[torch.Tensor],
        learning_rate: float,
    ) -> "Adam":
        """Move the parameters in place; the state after that, this one staying as it is."""
        steps = self.steps + 1
        means = _decayed(self.means, gradients, BETA_1)
        squares = _decayed(self.squares, [gradient**2 for gradient in gradients], BETA_2)
        pace = learning_rate / (1.0 - BETA_1**steps)
        correction = (1.0 - BETA_2**steps) ** 0.5
        for parameter, mean, square in zip(parameters, means, squares, strict=True):
            parameter.sub_(pace * mean / (square.sqrt() / correction + EPSILON))
        return Adam(steps, means, squares)


def _decayed(
    old: Sequence[torch.Tensor], new: Sequence[torch.Tensor], beta: float
) -> tuple[torch.Tensor, ...]:
    return tuple(beta * before + (1.0 - beta) * now for before, now in zip(old, new, strict=True))
