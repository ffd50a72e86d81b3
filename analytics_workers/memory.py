"""How much memory an analysis may take: one that needs more gets a MemoryError, its neighbours stay."""

import resource
import sys
from pathlib import Path
from typing import Any

from celery.signals import worker_process_init

# Of writable address space. Arrow reserves 1 GiB of it at once and fills it as needed, so about
# 1.2 GiB are left: a million tickets take 0.3.
ALLOWANCE = 2 * 1024**3


@worker_process_init.connect
def limit_memory(**kwargs: Any) -> None:
    """Above what a child starts with: libraries reserve more on machines with more processors."""
    if sys.platform == "linux":
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (count_data() + ALLOWANCE, hard))


def count_data() -> int:
    """Bytes of this process that RLIMIT_DATA counts."""
    return int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
