"""The memory limit of an analysis: above it there is a MemoryError; other processes are not affected."""

import resource
import sys
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

# Of writable address space. Arrow reserves 1 GiB of it at once and fills it as needed, so about
# 1.2 GiB are left: a million tickets take 0.3.
MAX_EXTRA_BYTES = 2 * 1024**3


@worker_process_init.connect
def limit_memory(**kwargs: Any) -> None:
    """Relative to what a child starts with: libraries reserve more on machines with more processors."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (count_data() + MAX_EXTRA_BYTES, hard))


def count_data() -> int:
    """Bytes of this process that RLIMIT_DATA counts."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
