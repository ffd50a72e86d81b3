"""Where gunicorn's processes count their requests: files that are mapped into memory.

They lie in memory where there is such a place: on a full disk the kernel ends a process that counts.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - the folder below it is ours alone
PREFIX = "helpdesk-counters-"


def make_counters() -> Path:
    """A new empty folder of this process; those of processes that were killed are removed."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for left in place.glob(f"{PREFIX}*"):
        pid = left.name.removeprefix(PREFIX).split("-")[0]
        if left.stat().st_uid == os.getuid() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
