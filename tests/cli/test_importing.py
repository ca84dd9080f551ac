"""`selfheal import`: somebody's own torch module becomes a model, or one line says why not."""

import json

import numpy as np
import pytest
import torch

from selfheal.model.compiled import compile_model
from selfheal.model.folder import read_folder
from selfheal.model.schema import Categorical, Numeric, Schema

SOURCE = """
from torch import nn


class Net(nn.Module):
    def __init__(self, inputs=5):
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(inputs, 6), nn.ReLU())
        self.head = nn.Linear(6, 1)

    def forward(self, x):
        return self.head(self.hidden(x))


def three_logits():
    return nn.Linear(5, 3)


def wide():
    return Net(9)


def no_module():
    return 3
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a package, weights and labelled rows."""
    (tmp_path / "bank_net.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    lines = ["id,a,b,channel,fraud"]
    for row in range(80):
        label = row % 2
        a, b = rng.normal(label, 1, 2)
        lines.append(f"t{row},{a:.3f},{b:.3f},{('web', 'shop')[row % 3 == 0]},{label}")
    (tmp_path / "later.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def net(here):
    import bank_net

    torch.manual_seed(5)
    net = bank_net.Net().eval()
    torch.save(net.state_dict(), here / "weights.pt")
    for factory in ("three_logits", "wide"):
        torch.save(getattr(bank_net, factory)().state_dict(), here / f"{factory}.pt")
    return net


USUAL = ("--rows", "later.csv", "--target", "fraud")


def test_the_model_scores_as_the_module_does_on_encoded_rows(selfheal, here, net):
    result = selfheal("import", "bank_net:Net", "weights.pt", *USUAL, "--head", "head", "--json")

    assert result.exit_code == 0, result.output
    model = read_folder(here / "model")
    assert json.loads(result.stdout)["hash"] == model.hash
    assert model.schema.names == ("a", "b", "channel")
    assert model.encoder.columns == (
        *("a", "b", "channel is web", "channel is shop", "channel is another"),
    )
    values = np.array([[0.5, -1.0, 1.0], [2.0, 0.0, 2.0]])
    logit = net(torch.tensor([[0.5, -1.0, 0, 1, 0], [2.0, 0.0, 0, 0, 1]])).squeeze(1)
    np.testing.assert_allclose(
        compile_model(model).score(values).logit, logit.detach().numpy(), rtol=1e-5
    )


def test_an_imported_model_can_be_backtested(selfheal, here, net):
    selfheal("import", "bank_net:Net", "weights.pt", *USUAL, "--layer", "hidden")

    result = selfheal("backtest", "later.csv", "--target", "fraud", "--model", "model", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rows"] == 80


def test_a_schema_says_the_order_of_the_features(selfheal, here, net):
    schema = Schema((Numeric("b"), Categorical("channel", ("shop", "web")), Numeric("a")))
    (here / "schema.json").write_bytes(schema.to_json())

    result = selfheal("import", "bank_net:Net", "weights.pt", *USUAL, "--schema", "schema.json")

    assert result.exit_code == 0, result.output
    assert read_folder(here / "model").schema == schema


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bank_net", "weights.pt"), ("bank_net", "package.module:factory")),
        (("no_such:Net", "weights.pt"), ("no_such:Net", "cannot be loaded")),
        (("bank_net:no_such", "weights.pt"), ("cannot be loaded",)),
        (("bank_net:no_module", "weights.pt"), ("no torch module",)),
        (("bank_net:Net", "gone.pt"), ("gone.pt", "cannot be read")),
        (("bank_net:Net", "later.csv"), ("later.csv", "no file of tensors")),
        (("bank_net:Net", "three_logits.pt"), ("weights are not those of bank_net:Net",)),
        (("bank_net:three_logits", "three_logits.pt"), ("expected one logit each",)),
        (("bank_net:wide", "wide.pt"), ("float32 (n, 5)", "a, b, channel is web")),
        (("bank_net:Net", "weights.pt", "--head", "hidden"), ("head 'hidden'",)),
        (("bank_net:Net", "weights.pt", "--layer", "deep"), ("deep",)),
        (("bank_net:Net", "weights.pt", "--schema", "later.csv"), ("schema.json",)),
        (("bank_net:Net", "weights.pt", "--ignore", "gone"), ('no column "gone"',)),
    ],
)
def test_what_cannot_be_imported(selfheal, here, net, arguments, words):
    result = selfheal("import", *arguments, *USUAL)

    line = result.stderr.strip()
    assert result.exit_code == 2, result.output
    assert line.startswith("error: ")
    assert "\n" not in line
    for word in words:
        assert word in line
    assert not (here / "model").exists()
