"""The image experiment keeps its shape: noise breaks the network, adapters win a part back."""

from dataclasses import asdict

import pytest
import torch

from bench.digits import LAYERS, QUICK, DigitsNetwork, digits, measure_digits
from bench.tables import digits_table


@pytest.fixture(scope="module")
def report():
    return measure_digits(1, QUICK)


def test_noise_breaks_the_network_and_adapters_win_a_part_back(report):
    mean = {name: figure["mean"] for name, figure in report["accuracy"].items()}

    assert mean["clean"] > 0.9
    assert mean["corrupted"] < mean["clean"] - 0.15
    assert mean["corrupted"] < mean["healed"] < mean["ceiling"] + 0.1


def test_the_adapters_go_after_layers_that_the_network_has():
    names = dict(DigitsNetwork().named_modules())

    assert set(LAYERS) <= set(names)


def test_a_round_repeats_and_leaves_torch_s_own_generator_alone(report):
    torch.manual_seed(5)
    before = torch.get_rng_state()

    again = asdict(digits(0, QUICK))

    assert again == {name: figure["mean"] for name, figure in report["accuracy"].items()}
    assert torch.equal(torch.get_rng_state(), before)


def test_the_table_has_every_figure(report):
    assert digits_table(report).row_count == len(report["accuracy"]) == 7
