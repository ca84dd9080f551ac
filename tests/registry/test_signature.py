import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.errors import KeyFileError, Refusal, SignatureRefused
from registry.signature import Signer, Verifier, key_id_of, new_key

PAIR = new_key()
SIGNER = Signer.from_pem(PAIR.private_pem)
VERIFIER = Verifier.from_pems([PAIR.public_pem])


def refusal_of(verifier, key, value, headers):
    with pytest.raises(SignatureRefused) as refused:
        verifier.verify(key, value, headers)
    return refused.value.kind


def test_key_id_is_the_hash_of_the_raw_public_key():
    # RFC 8032, section 7.1, test 1; sha256 of its public key, by sha256sum
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")

    key_id = key_id_of(Ed25519PrivateKey.from_private_bytes(secret).public_key())

    assert key_id == "21fe31dfa154a261"


def test_signed_record_verifies_and_names_its_key():
    headers = SIGNER.sign("active", b"value")

    assert VERIFIER.verify(b"active", b"value", headers) == PAIR.key_id


def test_tombstone_is_signed_apart_from_an_empty_value():
    headers = SIGNER.sign("pin/v1", None)

    assert VERIFIER.verify("pin/v1", None, headers) == PAIR.key_id
    assert refusal_of(VERIFIER, "pin/v1", b"", headers) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("key", "value"),
    [("active", b"valuf"), ("active", b"value "), ("active", None), ("activ", b"evalue")],
)
def test_changed_key_or_value_is_refused(key, value):
    headers = SIGNER.sign("active", b"value")

    assert refusal_of(VERIFIER, key, value, headers) is Refusal.BAD_SIGNATURE


def test_record_moved_to_another_key_is_refused():
    headers = SIGNER.sign("pointer/3", b"value")

    assert refusal_of(VERIFIER, "active", b"value", headers) is Refusal.BAD_SIGNATURE


def test_record_of_another_topic_is_refused():
    headers = Signer(SIGNER.key_id, SIGNER.private, topic="control").sign("active", b"value")

    assert refusal_of(VERIFIER, "active", b"value", headers) is Refusal.BAD_SIGNATURE


@pytest.mark.parametrize("kept", [(), (0,), (1,), (0, 1, 1), (0, 0, 1)])
def test_record_without_exactly_one_key_id_and_signature_is_unsigned(kept):
    headers = SIGNER.sign("active", b"value")

    chosen = tuple(headers[position] for position in kept)

    assert refusal_of(VERIFIER, "active", b"value", chosen) is Refusal.UNSIGNED


def test_foreign_headers_beside_the_signature_do_not_matter():
    headers = (("trace", None), *SIGNER.sign("active", b"value"), ("trace", b"1"))

    assert VERIFIER.verify("active", b"value", headers) == PAIR.key_id


@pytest.mark.parametrize("signature", [b"", b"short", b"\x00" * 64, b"\xff" * 64])
def test_rubbish_for_a_signature_is_refused(signature):
    headers = (("selfheal-key-id", PAIR.key_id.encode()), ("selfheal-signature", signature))

    assert refusal_of(VERIFIER, "active", b"v", headers) in {
        Refusal.UNSIGNED,
        Refusal.BAD_SIGNATURE,
    }


def test_rotation_old_and_new_key_are_believed_until_the_old_one_is_withdrawn():
    newer = new_key()
    both = Verifier.from_pems([PAIR.public_pem, newer.public_pem])
    only_new = Verifier.from_pems([newer.public_pem])

    old_headers = SIGNER.sign("active", b"1")
    new_headers = Signer.from_pem(newer.private_pem).sign("active", b"2")

    assert both.verify("active", b"1", old_headers) == PAIR.key_id
    assert both.verify("active", b"2", new_headers) == newer.key_id
    assert refusal_of(only_new, "active", b"1", old_headers) is Refusal.UNKNOWN_KEY


def test_another_key_under_a_known_id_does_not_match():
    stranger = Signer(PAIR.key_id, Signer.from_pem(new_key().private_pem).private)

    headers = stranger.sign("active", b"value")

    assert refusal_of(VERIFIER, "active", b"value", headers) is Refusal.BAD_SIGNATURE


def test_no_public_key_means_that_nothing_is_believed():
    headers = SIGNER.sign("active", b"value")

    assert refusal_of(Verifier({}), "active", b"value", headers) is Refusal.UNKNOWN_KEY


def test_private_key_never_shows_in_a_repr():
    secret = PAIR.private_pem.decode().splitlines()[1]

    assert secret not in repr(PAIR)
    assert "private" not in repr(SIGNER)


@pytest.mark.parametrize("pem", [b"", b"rubbish", PAIR.public_pem])
def test_something_else_than_a_private_key_is_named_so(pem):
    with pytest.raises(KeyFileError, match="Ed25519 private key"):
        Signer.from_pem(pem)


@pytest.mark.parametrize("pem", [b"", b"rubbish", PAIR.private_pem])
def test_something_else_than_a_public_key_is_named_so(pem):
    with pytest.raises(KeyFileError, match="Ed25519 public key"):
        Verifier.from_pems([pem])
