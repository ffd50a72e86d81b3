"""Points where fault tests stop a process, on both sides of the queue. Without FAULTS=1 they do nothing."""

import os
import time
from pathlib import Path

FOLDER = Path(os.environ["FAULTS_FOLDER"]) if os.environ.get("FAULTS") == "1" else None


def wait_at(hook: str) -> None:
    """Waits while FAULTS_FOLDER contains a file of this name; a file `hook.pid` shows that it has arrived."""
    while FOLDER and (FOLDER / hook).exists():
        (FOLDER / f"{hook}.{os.getpid()}").touch()
        time.sleep(0.02)
