import json

from typer.testing import CliRunner

from cli.keys import app
from registry.keys import read_signer, read_verifier


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_new_keys_sign_and_verify(tmp_path):
    result = run("new", "--out", str(tmp_path), "--json")

    made = json.loads(result.stdout)
    headers = read_signer(tmp_path).sign("active", b"value")
    assert read_verifier(tmp_path).verify("active", b"value", headers) == made["key_id"]
    assert made["private"].endswith(f"{made['key_id']}.private.pem")


def test_private_key_is_never_printed(tmp_path):
    result = run("new", "--out", str(tmp_path))

    secret = next(tmp_path.glob("*.private.pem")).read_text().splitlines()[1]
    assert result.exit_code == 0
    assert secret not in result.output


def test_folder_that_cannot_be_written_is_bad_usage(tmp_path):
    (tmp_path / "file").write_text("")

    result = run("new", "--out", str(tmp_path / "file"))

    assert result.exit_code == 2
    assert "cannot write the keys" in result.stderr


def test_help_has_examples_and_exit_codes():
    text = run("new", "--help").output

    assert text.count("selfheal keys new") >= 3
    assert "Exit codes" in text
