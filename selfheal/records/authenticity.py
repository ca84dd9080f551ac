"""A code that tells what scorers write on `feedback` from what anyone else could write there.

HMAC-SHA-256 (RFC 2104) over the record's key and value, by a key that scorers and healer share and
label sources do not have.
"""

import hmac
from hashlib import sha256

CODE_HEADER = "selfheal-code"

_DOMAIN = b"selfheal feedback code v1\x00"


def feedback_code(secret: bytes, key: bytes, value: bytes) -> bytes:
    """The 32-byte code of a record."""
    length = len(key).to_bytes(8, "big")
    return hmac.new(secret, _DOMAIN + length + key + value, sha256).digest()


def is_authentic(secret: bytes, key: bytes | None, value: bytes | None, code: bytes | None) -> bool:
    """Whether the code is the record's; compares in constant time."""
    if key is None or value is None or code is None:
        return False
    return hmac.compare_digest(feedback_code(secret, key, value), code)
