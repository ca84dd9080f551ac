"""A heal runs beside the polling: it is begun, asked for, and taken once."""

from threading import Event, get_ident

import pytest

from healer.jobs import Jobs
from tests.healer.script import GOOD, HELD


@pytest.fixture
def jobs():
    with Jobs() as jobs:
        yield jobs


def test_without_a_job_there_is_nothing_to_take(jobs):
    assert jobs.take() is None


def test_a_job_does_not_hold_up_whoever_asks_for_it(jobs, eventually):
    may_end = Event()
    jobs.start(lambda: GOOD if may_end.wait(30) else HELD)

    assert jobs.take() is None
    assert jobs.take() is None

    may_end.set()
    assert eventually(jobs.take, "the job ends") is GOOD


def test_a_job_runs_in_a_thread_of_its_own(jobs, eventually):
    threads = []
    jobs.start(lambda: threads.append(get_ident()) or GOOD)

    eventually(jobs.take, "the job ends")

    assert threads != [get_ident()]


def test_an_outcome_is_taken_once(jobs, eventually):
    jobs.start(lambda: GOOD)
    eventually(jobs.take, "the job ends")

    assert jobs.take() is None


def test_an_error_comes_to_whoever_takes_it_and_the_next_job_may_begin(jobs, eventually):
    has_begun = Event()

    def fail():
        has_begun.set()
        raise ArithmeticError("no candidate")

    jobs.start(fail)

    with pytest.raises(ArithmeticError, match="no candidate"):
        eventually(jobs.take, "the job ends")
    jobs.start(lambda: HELD)
    assert has_begun.is_set()
    assert eventually(jobs.take, "the next job ends") is HELD


def test_leaving_waits_for_the_job_that_runs():
    ended = []
    with Jobs() as jobs:
        jobs.start(lambda: ended.append("heal") or GOOD)

    assert ended == ["heal"]
