import pytest
import typer

from cli.exits import exit_codes
from registry.errors import ExportError, KeyFileError, UnknownVersionError
from selfheal.bus.errors import BrokerUnreachable, BusSettingsError, TopicMissing
from selfheal.model.errors import FolderError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BrokerUnreachable("broker:9092", 10), 3),
        (BusSettingsError("bootstrap is empty"), 2),
        (UnknownVersionError("v9: no such version"), 2),
        (KeyFileError("keys: no *.public.pem"), 2),
        (TopicMissing("adapters"), 1),
        (ExportError("out: cannot write"), 1),
        (FolderError("schema.json is missing"), 2),
    ],
)
def test_each_error_has_its_exit_code_and_one_line(error, code, capsys):
    with pytest.raises(typer.Exit) as ended, exit_codes():
        raise error

    assert ended.value.exit_code == code
    assert capsys.readouterr().err == f"error: {error}\n"


def test_bug_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), exit_codes():
        raise ZeroDivisionError
