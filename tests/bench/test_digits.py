"""The image experiment keeps its shape: noise breaks the network, adapters win a part back."""

import pytest
import torch

from bench.digits import LAYERS, QUICK, DigitsNetwork, digits, measure_digits
from bench.tables import digits_table


@pytest.fixture(scope="module")
def figures():
    return digits(900, QUICK)


def test_noise_breaks_the_network_and_adapters_win_a_part_back(figures):
    assert figures.clean > 0.9
    assert figures.corrupted < figures.clean - 0.15
    assert figures.corrupted < figures.healed < figures.ceiling + 0.1


def test_the_adapters_go_after_layers_that_the_network_has():
    names = dict(DigitsNetwork().named_modules())

    assert set(LAYERS) <= set(names)


def test_a_round_leaves_torch_s_own_generator_alone_and_repeats(figures):
    torch.manual_seed(5)
    before = torch.get_rng_state()

    again = digits(900, QUICK)

    assert again == figures
    assert torch.equal(torch.get_rng_state(), before)


def test_the_table_has_every_figure():
    report = measure_digits(1, QUICK)

    assert digits_table(report).row_count == len(report["accuracy"]) == 7
