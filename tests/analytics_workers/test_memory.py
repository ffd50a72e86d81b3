"""In a process of its own: a limit cannot be undone."""

import subprocess
import sys

import pytest

from analytics_workers.memory import ALLOWANCE

TAKE = """
import numpy
from analytics_workers.memory import limit_memory
limit_memory()
numpy.empty({size}, "u1")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize(("size", "is_too_much"), [(ALLOWANCE // 2, False), (ALLOWANCE + 2**26, True)])
def test_child_may_take_so_much_memory_and_no_more(size, is_too_much):
    done = subprocess.run([sys.executable, "-c", TAKE.format(size=size)], capture_output=True, text=True)
    assert ("MemoryError" in done.stderr) is is_too_much, done.stderr
    assert (done.returncode == 0) is not is_too_much
