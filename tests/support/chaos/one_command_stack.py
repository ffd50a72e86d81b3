"""`manage.py run`, including its supervisor, on a data directory of the test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg

from campus_helpdesk.local_stack import process
from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.postgres_server import Postgres
from campus_helpdesk.local_stack.supervisor import ManagedProcess
from campus_helpdesk.local_stack.valkey_server import free_port
from tests.support.chaos.directories import copy_template
from tests.support.chaos.programs import Program, wait_until

SECONDS = 180


class OneCommandStack:
    """Starts with a migrated empty database; `program` is the supervisor."""

    def __init__(self, folder: Path):
        self.folder, self.port, self.kills = folder, free_port(), 0
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {"DATA": str(folder), "PORT": str(self.port), "DEMO": "0", "RATE_LIMITS": "off"}
        copy_template(folder)
        output = Path(f"{folder}.out")  # outside the folder, which may be full
        self.program = Program(ManagedProcess("stack", output, self._spawn, stop_seconds=30))

    def _spawn(self, output) -> subprocess.Popen[bytes]:
        command = [sys.executable, ROOT / "manage.py", "run"]
        return process.spawn(command, env=self.environment, output=output, cwd=ROOT)

    def start(self) -> None:
        self.program.start()
        wait_until(self.is_ok, SECONDS, "the stack is ready")
        self.database = Postgres(self.folder).running_url()

    def readiness(self) -> dict:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).json()
        except (httpx.HTTPError, json.JSONDecodeError):
            return {}

    def is_ok(self) -> bool:
        return self.readiness().get("status") == "ok"

    def query(self, statement: str, *values: object) -> list[tuple]:
        with psycopg.connect(self.database, connect_timeout=3, autocommit=True) as connection:
            return connection.execute(statement, values or None).fetchall()

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(command, env=self.environment, cwd=ROOT, text=True, capture_output=True)

    def close(self) -> None:
        self.program.stop()
        self.program.managed.log.unlink(missing_ok=True)
