"""Small programs as parts of a supervised stack."""

import os
import sys
from pathlib import Path

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.supervisor import ManagedProcess, Supervisor
from tests.support.processes import wait_until

SLEEPER = "import time; print('up', flush=True); time.sleep(60)"


def part_of(folder: Path, program: str, name: str = "part", **options) -> ManagedProcess:
    """A part that runs a small program, which writes `up` to its log when it runs."""

    def spawn(output):
        environment = {**os.environ, "FOLDER": str(folder)}
        return process.spawn([sys.executable, "-c", program, name], env=environment, output=output)

    return ManagedProcess(name, folder / f"{name}.log", spawn, **options)


def started(supervisor: Supervisor, *parts: ManagedProcess) -> None:
    supervisor.start(*parts)
    for part in parts:
        wait_until(lambda part=part: "up" in part.log.read_text()[-99:])
