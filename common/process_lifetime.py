"""Child processes that end with their parent."""

import ctypes
import os
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(signal_number: int) -> Callable[[], None] | None:
    """A hook for the new process, run after the change of user, which would clear the setting.

    Linux only. The signal comes when the *thread* that started the process ends, so start servers from
    the main thread.
    """
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def hook() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return hook
