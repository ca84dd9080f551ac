from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from selfheal.records import encode
from selfheal.records.schemas import RECORDS, schema_files

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


def validator_of(record):
    name = next(name for name, types in RECORDS.items() if type(record) in types)
    return Draft202012Validator(orjson.loads(schema_files()[f"{name}.json"]))


def test_the_files_in_docs_are_those_of_the_record_types():
    written = {path.name: path.read_bytes() for path in FOLDER.iterdir()}

    assert written == schema_files(), "run `make schemas` and commit docs/schemas"


@pytest.mark.parametrize("name", sorted(schema_files()))
def test_each_file_is_a_valid_json_schema(name):
    Draft202012Validator.check_schema(orjson.loads(schema_files()[name]))


def test_every_record_satisfies_its_schema(record):
    validator_of(record).validate(orjson.loads(encode(record)))


def test_a_record_without_a_required_field_does_not_satisfy_its_schema(record):
    validator = validator_of(record)
    for name in required(validator.schema, type(record).__name__):
        parsed = orjson.loads(encode(record))
        del parsed[name]

        assert not validator.is_valid(parsed), name


def required(schema, type_name):
    return schema["$defs"][type_name].get("required", [])
