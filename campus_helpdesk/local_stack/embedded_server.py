"""The common part of the embedded PostgreSQL and Valkey: a directory, its lock, one supervised process."""

import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Self

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.data_dir import Lock


class Server(ABC):
    """Used directly (`start`, `stop`, `with`) or by the supervisor (`prepare`, `spawn`, `is_ready`)."""

    name: str
    start_seconds: float
    stop_signal: signal.Signals
    stop_seconds: float

    def __init__(self, folder: Path):
        self.folder = Path(folder).absolute()
        self.log = self.folder / "log" / f"{self.name.lower()}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.notice = ""
        self._lock = Lock(self.folder / f"{self.name.lower()}.lock")

    @abstractmethod
    def prepare(self) -> None:
        """Locks the directory, creates what is missing, chooses the address for all restarts."""

    @abstractmethod
    def spawn(self, output: IO[bytes]) -> subprocess.Popen[bytes]: ...

    @abstractmethod
    def is_ready(self) -> bool: ...

    def quarantine_files(self) -> str:
        """Moves away files that may have made a start fail, if they are not needed. Returns a notice for the
        operator; empty if there is nothing to move."""
        return ""

    @abstractmethod
    def running_url(self) -> str | None:
        """The address of the server that another process runs on this directory."""

    def start(self) -> str:
        """Starts and waits until it responds. Returns its address; raises DirectoryInUse, StartFailed."""
        try:
            self.prepare()
            if self.notice:
                print(self.notice, file=sys.stderr)
            try:
                self._spawn_and_wait()
            except process.StartFailed:
                if not (notice := self.quarantine_files()):
                    raise
                print(notice, file=sys.stderr)
                self._spawn_and_wait()
        except BaseException:
            self.stop()
            raise
        return self.url

    def _spawn_and_wait(self) -> None:
        with self.log.open("ab") as output:
            self.process = self.spawn(output)
        process.wait_for(self.is_ready, self.process, self.start_seconds, self.name, self.log)

    def stop(self) -> None:
        if self.process is not None:
            process.end(self.process, self.stop_signal, self.stop_seconds)
            self.process = None
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
