"""A worker process as it is deployed, for tests of the whole way from a request to its result."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings as django_settings

from analytics_gateway.heartbeats import read_heartbeats
from tests.support.processes import wait_until

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@contextmanager
def worker_process(api: str, log: Path, children: int = 1) -> Iterator[subprocess.Popen]:
    """An analytics worker for all services: few variables, no Django, no database."""
    environment = {
        "PATH": os.defpath,
        "HOME": str(log.parent),
        "REDIS_URL": django_settings.REDIS_URL,
        "SERVICE_KEY": django_settings.SERVICE_KEY,
        "HELPDESK_API_URL": f"{api}/api/v1/",
        "FACTS_FOLDER": str(log.parent / "facts"),
    }
    command = [sys.executable, "-m", "celery", "-A", "analytics_workers.app", "worker"]
    command += ["-c", str(children), "--loglevel", "INFO"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        wait_until(all_workers_alive, START_SECONDS, "the worker's heartbeats")
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """The parent and its children, at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def all_workers_alive() -> bool:
    return all(age is not None for age in read_heartbeats()["worker"].values())
