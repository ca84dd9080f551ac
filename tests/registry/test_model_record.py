import numpy as np
import pytest

from registry.errors import RecordRefused, Refusal
from registry.model_record import dump_model, parse_model
from selfheal.model.features import Encoder
from selfheal.model.model import Model
from selfheal.model.reference import Reference
from selfheal.model.schema import Numeric, Schema
from selfheal.records import encode

HIDDEN, WIDTH = 4, 2
SHAPES = {
    "backbone.0.weight": (HIDDEN, WIDTH),
    "backbone.0.bias": (HIDDEN,),
    "backbone.2.weight": (HIDDEN, HIDDEN),
    "backbone.2.bias": (HIDDEN,),
    "reflexive.first.weight": (HIDDEN, HIDDEN),
    "reflexive.first.bias": (HIDDEN,),
    "reflexive.second.weight": (HIDDEN, HIDDEN),
    "reflexive.second.bias": (HIDDEN,),
    "reflexive.scale": (),
    "head.weight": (1, HIDDEN),
    "head.bias": (1,),
}


@pytest.fixture
def model():
    rng = np.random.default_rng(1)
    schema = Schema((Numeric("amount"), Numeric("age")))
    values = rng.normal(size=(200, WIDTH))
    labels = np.arange(200) % 4 == 0
    return Model(
        schema=schema,
        encoder=Encoder.fit(schema, values),
        backbone={
            name: np.asarray(rng.normal(size=shape), np.float32) for name, shape in SHAPES.items()
        },
        reference=Reference.measure(schema, values, labels, rng.normal(size=200)),
        rules_toml='[[rule]]\nname = "large"\nwhen = "amount > 2"\nverdict = "fraud"\n',
        threshold=0.3,
    )


def test_model_comes_back_whole(model):
    parsed = parse_model(dump_model(model), model.hash)

    assert (parsed.hash, parsed.threshold, parsed.schema) == (model.hash, 0.3, model.schema)
    assert parsed.rules_toml == model.rules_toml


def test_model_under_another_hash_is_refused(model):
    with pytest.raises(RecordRefused) as refused:
        parse_model(dump_model(model), "00" * 32)

    assert refused.value.kind is Refusal.WRONG_HASH


@pytest.mark.parametrize(
    "value", [b"", b"{}", b'{"files": {"schema.json": "not base64!"}}', encode({"files": {}})]
)
def test_anything_else_is_no_model(value):
    with pytest.raises(RecordRefused) as refused:
        parse_model(value, "00" * 32)

    assert refused.value.kind is Refusal.NOT_A_MODEL
