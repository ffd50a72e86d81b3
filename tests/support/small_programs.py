"""Small programs as processes of a supervised stack."""

import os
import sys
from pathlib import Path

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.supervisor import ManagedProcess, Supervisor
from tests.support.processes import wait_until

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


def manage_program(folder: Path, program: str, name: str = "part", **options) -> ManagedProcess:
    """A process that runs a small program, which writes `up` to its log once it runs."""

    def spawn(output):
        environment = {**os.environ, "FOLDER": str(folder)}
        return process.spawn([sys.executable, "-c", program, name], env=environment, output=output)

    return ManagedProcess(name, folder / f"{name}.log", spawn, **options)


def start_and_wait(supervisor: Supervisor, *processes: ManagedProcess) -> None:
    supervisor.start(*processes)
    for managed in processes:
        wait_until(lambda managed=managed: "up" in managed.log.read_text()[-99:])
