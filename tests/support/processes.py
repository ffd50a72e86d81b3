"""Processes of the machine, and waiting for them. Standard library only: the workers' tests use it."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def wait_until(condition: Callable[[], object], seconds: float = 10, what: str = "") -> None:
    """what: is awaited, for the message of the failure."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"after {seconds:.0f} s still not: {what or condition}"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Running; a zombie does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def command_line(pid: int) -> str:
    """Empty for a process that has exited meanwhile."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def processes_naming(text: str | Path) -> list[str]:
    """Command lines and environments of processes, other than this one, that contain the text."""
    needle, found = os.fsencode(text), []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            if int(entry.name) != os.getpid() and needle in words + (entry / "environ").read_bytes():
                found.append(words.replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found
