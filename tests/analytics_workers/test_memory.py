"""In a process of its own: a limit cannot be undone."""

import subprocess
import sys

import pytest

from analytics_workers.memory import MAX_EXTRA_BYTES

TAKE = """
import numpy
from analytics_workers.memory import limit_memory
limit_memory()
numpy.empty({size}, "u1")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize(
    ("size", "is_too_much"), [(MAX_EXTRA_BYTES // 2, False), (MAX_EXTRA_BYTES + 2**26, True)]
)
def test_child_memory_is_limited(size, is_too_much):
    done = subprocess.run([sys.executable, "-c", TAKE.format(size=size)], capture_output=True, text=True)
    assert ("MemoryError" in done.stderr) is is_too_much, done.stderr
    assert (done.returncode == 0) is not is_too_much
