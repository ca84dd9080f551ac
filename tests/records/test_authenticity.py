import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfheal.records.authenticity import feedback_code, is_authentic

SECRET, KEY, VALUE = b"secret", b"t1", b'{"kind":"sample"}'


def test_the_code_is_hmac_sha_256_of_domain_length_key_and_value():
    signed = b"selfheal feedback code v1\x00" + b"\x00" * 7 + b"\x02" + KEY + VALUE

    assert feedback_code(SECRET, KEY, VALUE) == hmac.new(SECRET, signed, sha256).digest()


def test_a_record_with_its_own_code_is_authentic():
    assert is_authentic(SECRET, KEY, VALUE, feedback_code(SECRET, KEY, VALUE))


@given(st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8), st.binary(max_size=8))
def test_no_other_record_has_the_same_code(key, value, other_key, other_value):
    code = feedback_code(SECRET, key, value)

    is_same = (key, value) == (other_key, other_value)
    assert is_authentic(SECRET, other_key, other_value, code) == is_same


@pytest.mark.parametrize("code", [None, b"", b"\x00" * 32, feedback_code(b"other", KEY, VALUE)])
def test_without_the_secret_s_code_nothing_is_authentic(code):
    assert not is_authentic(SECRET, KEY, VALUE, code)


def test_a_record_without_key_or_value_is_never_authentic():
    assert not is_authentic(SECRET, None, VALUE, feedback_code(SECRET, b"", VALUE))
    assert not is_authentic(SECRET, KEY, None, feedback_code(SECRET, KEY, b""))
