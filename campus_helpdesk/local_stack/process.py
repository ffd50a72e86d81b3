"""Starts and stops servers: each in its own session, none outlives this process."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from campus_helpdesk.local_stack.system_user import SystemUser
from common.process_lifetime import die_with_parent


class StartFailed(Exception):
    """A server did not start; the text names it and has the end of its log."""


def spawn(
    argv: list[str | Path],
    *,
    env: dict[str, str],
    output: IO[bytes] | int,
    user: SystemUser | None = None,
    cwd: Path | None = None,
    keep: tuple[int, ...] = (),
    on_parent_death: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Starts a server in its own session, so that Ctrl-C reaches only this process."""
    identity: dict[str, Any] = {} if user is None else user.popen_arguments()
    return subprocess.Popen(
        [str(argument) for argument in argv],
        env=env,
        cwd=cwd,
        pass_fds=keep,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=die_with_parent(on_parent_death),
        **identity,
    )


def end(process: subprocess.Popen[bytes], signal_number: int, seconds: float) -> None:
    """Asks with a signal, waits, then kills the whole group; also clears what a dead leader left behind."""
    if process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
    kill_group(process.pid)
    process.wait()


def kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait_for(
    is_ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float, name: str, log: Path
) -> None:
    """Polls until ready; raises StartFailed with the end of the log if the process exits or time is up."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None:
            raise StartFailed(f"{name} exited with code {process.returncode}:\n{last_lines(log)}")
        if time.monotonic() > deadline:
            raise StartFailed(f"{name} was not ready after {seconds:.0f} s:\n{last_lines(log)}")
        time.sleep(0.02)


def last_lines(log: Path, count: int = 10) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-count:])
