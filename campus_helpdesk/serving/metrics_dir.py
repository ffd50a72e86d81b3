"""The directory of the request counters of gunicorn's processes: files that are mapped into memory.

It is in a memory file system if there is one: on a full disk the kernel kills a process that counts.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - the directory below it is private
PREFIX = "helpdesk-metrics-"


def make_metrics_dir() -> Path:
    """A new empty directory for this process; those of killed processes are removed."""
    directory = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in directory.glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX).split("-")[0]
        if left.stat().st_uid == os.getuid() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=directory))
