import stat

import pytest

from registry.errors import KeyFileError
from registry.keys import read_signer, read_verifier, write_keys
from registry.signature import new_key


def test_written_keys_sign_and_verify(tmp_path):
    pair = new_key()

    private, public = write_keys(tmp_path / "keys", pair)

    headers = read_signer(private).sign("active", b"value")
    assert read_verifier(public).verify("active", b"value", headers) == pair.key_id


def test_private_key_is_readable_by_its_owner_alone(tmp_path):
    private, _ = write_keys(tmp_path, new_key())

    assert stat.S_IMODE(private.stat().st_mode) == 0o600


def test_keys_are_never_overwritten(tmp_path):
    pair = new_key()
    write_keys(tmp_path, pair)

    with pytest.raises(KeyFileError, match="cannot write the keys"):
        write_keys(tmp_path, pair)


def test_folder_gives_every_public_key(tmp_path):
    pairs = [new_key(), new_key()]
    for pair in pairs:
        write_keys(tmp_path, pair)

    assert set(read_verifier(tmp_path).public) == {pair.key_id for pair in pairs}


def test_folder_with_two_private_keys_asks_which_one_signs(tmp_path):
    for pair in (new_key(), new_key()):
        write_keys(tmp_path, pair)

    with pytest.raises(KeyFileError, match="2 private keys, expected one"):
        read_signer(tmp_path)


def test_folder_without_a_public_key_is_an_error(tmp_path):
    with pytest.raises(KeyFileError, match=r"no \*\.public\.pem"):
        read_verifier(tmp_path)


def test_unreadable_key_is_named_with_its_path(tmp_path):
    with pytest.raises(KeyFileError, match=r"nobody.private.pem: cannot be read"):
        read_signer(tmp_path / "nobody.private.pem")


def test_rubbish_key_is_named_with_its_path(tmp_path):
    (tmp_path / "a.public.pem").write_bytes(b"rubbish")

    with pytest.raises(KeyFileError, match=r"a.public.pem: not an Ed25519 public key"):
        read_verifier(tmp_path)
