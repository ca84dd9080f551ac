"""Ed25519 signatures over the key and the value of a record (RFC 8032, by `cryptography`).

A signature binds the topic's name without its prefix (so that a command cannot pass as a
pointer), the record's key (so that a record cannot be moved to another key) and its value, a
tombstone included. It says nothing about when: a pointer's epoch makes a replay useless.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from registry.errors import KeyFileError, Refusal, SignatureRefused
from registry.record import Headers

KEY_ID_HEADER = "selfheal-key-id"
SIGNATURE_HEADER = "selfheal-signature"

_DOMAIN = b"selfheal record signature v1\x00"


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A new pair of keys, as PEM. The private half is a secret and is left out of `repr`.

    key_id: first 16 hex digits of the SHA-256 of the raw public key
    """

    key_id: str
    private_pem: bytes = field(repr=False)
    public_pem: bytes


def new_key() -> KeyPair:
    """A pair from the operating system's randomness: the private key PKCS #8, the public SPKI."""
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    return KeyPair(
        key_id_of(public),
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def key_id_of(public: Ed25519PublicKey) -> str:
    """First 16 hex digits of the SHA-256 of the raw 32 bytes of the public key."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs records of one topic with one private key.

    topic: its name without the prefix; a signature for one topic is refused in another
    """

    key_id: str
    private: Ed25519PrivateKey = field(repr=False)
    topic: str = "adapters"

    @classmethod
    def from_pem(cls, private_pem: bytes, topic: str = "adapters") -> "Signer":
        """Raises KeyFileError where the PEM is no unencrypted Ed25519 private key."""
        try:
            private = load_pem_private_key(private_pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyFileError("not an unencrypted Ed25519 private key in PEM (PKCS #8)")
        return cls(key_id_of(private.public_key()), private, topic)

    def sign(self, key: str | bytes, value: bytes | None) -> Headers:
        """The two headers to send with the record: key id (ASCII) and signature (64 bytes)."""
        signature = self.private.sign(_signed_bytes(self.topic, key, value))
        return ((KEY_ID_HEADER, self.key_id.encode()), (SIGNATURE_HEADER, signature))


@dataclass(frozen=True, slots=True)
class Verifier:
    """Knows the public keys whose records are to be believed: several while keys rotate.

    public: by key id; with none, every record is refused
    """

    public: Mapping[str, Ed25519PublicKey]
    topic: str = "adapters"

    @classmethod
    def from_pems(cls, public_pems: Iterable[bytes], topic: str = "adapters") -> "Verifier":
        """Raises KeyFileError where one of them is no Ed25519 public key."""
        keys = [_public_key(pem) for pem in public_pems]
        return cls({key_id_of(key): key for key in keys}, topic)

    def verify(self, key: str | bytes, value: bytes | None, headers: Headers) -> str:
        """The id of the key that signed this record. Raises SignatureRefused with its kind.

        A record with several key ids or signatures counts as unsigned: nobody can say which
        one is meant.
        """
        key_id = (_only(headers, KEY_ID_HEADER) or b"").decode("ascii", "replace")
        signature = _only(headers, SIGNATURE_HEADER)
        if not key_id or not signature:
            raise SignatureRefused(
                Refusal.UNSIGNED,
                f"unsigned, expected one {KEY_ID_HEADER} and one {SIGNATURE_HEADER} header",
            )
        if key_id not in self.public:
            raise SignatureRefused(
                Refusal.UNKNOWN_KEY,
                "signed by an unknown key, expected one of "
                f"{', '.join(sorted(self.public)) or '(no public key is loaded)'}; if the "
                "signer's key was rotated, add its .public.pem to this reader's keys",
            )
        try:
            self.public[key_id].verify(signature, _signed_bytes(self.topic, key, value))
        except InvalidSignature:
            raise SignatureRefused(
                Refusal.BAD_SIGNATURE,
                f"the signature by {key_id} does not match the record's key and value",
            ) from None
        return key_id


def _signed_bytes(topic: str, key: str | bytes, value: bytes | None) -> bytes:
    """Length-prefixed, so that no two different records give the same bytes."""
    key_bytes = key.encode() if isinstance(key, str) else key
    topic_bytes = topic.encode()
    return b"".join(
        (
            _DOMAIN,
            len(topic_bytes).to_bytes(4, "big"),
            topic_bytes,
            len(key_bytes).to_bytes(4, "big"),
            key_bytes,
            b"\x00" if value is None else b"\x01" + value,
        )
    )


def _only(headers: Headers, name: str) -> bytes | None:
    values = [value for header, value in headers if header == name]
    return values[0] if len(values) == 1 else None


def _public_key(pem: bytes) -> Ed25519PublicKey:
    try:
        public = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, Ed25519PublicKey):
        raise KeyFileError("not an Ed25519 public key in PEM (SPKI)")
    return public
