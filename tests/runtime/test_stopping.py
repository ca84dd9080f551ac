"""A service whose parent is gone: it stops, and where it cannot stop it ends."""

import subprocess
import sys

import pytest

LISTEN = """
from selfheal.runtime.stopping import StopSignal
stop = StopSignal().listen(with_parent=True, grace_s=0.2)
print("listening", flush=True)
while not stop.wait(60):
    pass
"""
HANG = LISTEN + "import threading; threading.Event().wait(60)"


@pytest.mark.parametrize(("program", "code"), [(LISTEN, 0), (HANG, 1)])
def test_it_outlives_its_parent_by_no_more_than_the_grace(program, code):
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "listening\n"

        process.stdin.close()

        assert process.wait(20) == code
