import pytest

from registry.errors import RecordRefused, Refusal
from registry.model_record import dump_model, parse_model
from selfheal.records import encode
from tests.registry.small_models import small_model


@pytest.fixture
def model():
    return small_model()


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
