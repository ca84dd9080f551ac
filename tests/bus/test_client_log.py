import logging

import pytest

from selfheal.bus.client_log import CLIENT_LOG, QUIET_S


def line(text, at_s):
    record = logging.LogRecord(CLIENT_LOG.name, logging.ERROR, "", 0, text, None, None)
    record.created = at_s
    return record


@pytest.fixture
def is_written():
    """The filter as a service starts with it."""
    (once_in_a_while,) = CLIENT_LOG.filters
    fresh = type(once_in_a_while)()
    return lambda text, at_s: fresh.filter(line(text, at_s))


def test_lines_that_differ_in_numbers_alone_are_written_once_in_a_while(is_written):
    refused = "FAIL [scorer-1#consumer-{0}] Connect failed (after {0}ms)"

    written = [is_written(refused.format(n), at_s=100.0 + n) for n in range(25)]

    assert [n for n, said in enumerate(written) if said] == [0, 10, 20]
    assert QUIET_S == 10.0


def test_other_lines_are_written_at_once(is_written):
    assert is_written("FAIL: connection refused", 100.0)
    assert is_written("SESSTMOUT: session timed out", 100.1)
