"""Starting and ending the servers that we own: each in its own session, none outlives us."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from campus_helpdesk.local_stack.system_user import Account
from common.process_lifetime import die_with_parent


class StartFailed(Exception):
    """A server did not come up; the text says which and what its log says."""


def spawn(
    argv: list[str | Path],
    *,
    env: dict[str, str],
    output: IO[bytes] | int,
    account: Account | None = None,
    cwd: Path | None = None,
    keep: tuple[int, ...] = (),
    on_parent_death: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """A server in a session of its own, so that Ctrl-C reaches us and not it."""
    identity: dict[str, Any] = {} if account is None else account.popen_arguments()
    return subprocess.Popen(
        [str(word) for word in argv],
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


def end(process: subprocess.Popen[bytes], number: int, seconds: float) -> None:
    """Ask with a signal, wait, then kill the whole group; also clears what a dead leader left behind."""
    if process.poll() is None:
        process.send_signal(number)
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
    """Poll until ready; StartFailed with the end of the log when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if process.poll() is not None:
            raise StartFailed(f"{name} ended with code {process.returncode}:\n{last_lines(log)}")
        if time.monotonic() > deadline:
            raise StartFailed(f"{name} was not ready after {seconds:.0f} s:\n{last_lines(log)}")
        time.sleep(0.02)


def last_lines(log: Path, count: int = 10) -> str:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(lines[-count:])
