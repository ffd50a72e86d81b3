"""The environment of a benchmark over HTTP: a separate database full of tickets, and a web process."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
import psycopg

WEB = ["-c", "deploy/gunicorn.py"]
ALONE = ("--workers", "1", "benchmarks.baseline")
MAKE_ROWS = """
INSERT INTO tickets_ticket (description, building, room, status, version, category, category_source,
    needs_review, triage_confidence, triage_runner_up, triage_evidence, triage_model, opener, opener_name,
    changed_xid, opened_at, modified_at, activated_at, closed_at)
SELECT 'The WIFI is slow in room ' || n %% 97, 'Building ' || n %% 41, '', status, 1,
    (ARRAY['facility', 'it', 'services'])[1 + n %% 3], 'machine', false, 0.9, 'it', '[]', '', '', '',
    0, at, now(), CASE WHEN status <> 'open' THEN at + length / 2 END,
    CASE WHEN status = 'closed' THEN at + length END
FROM (SELECT n, now() - interval '3 years' + n * (interval '2 years' / %(count)s::float) AS at,
    (n::bigint * 7919 %% 999983) * interval '20.000001 s' AS length,
    CASE n %% 20 WHEN 0 THEN 'open' WHEN 1 THEN 'active' ELSE 'closed' END AS status
    FROM generate_series(1, %(count)s) AS n) AS made
"""


def read_memory(pid: int, name: str) -> float:
    """MB of the process as the kernel counts them: VmRSS now, VmHWM at the peak, RssAnon private memory,
    RssFile of shared files, mostly libraries."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1000


def fill(address: str, count: int) -> None:
    """Inserts similar tickets with one statement."""
    with psycopg.connect(address, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL campus.import = on")
            connection.execute(MAKE_ROWS, {"count": count})
        connection.execute("VACUUM ANALYZE tickets_ticket")


def fill_with_demo(address: str, count: int) -> None:
    """Creates the demo campus, with its conversations and corrections."""
    manage(address, "demo", "--tickets", str(count))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def manage(address: str, *arguments: str) -> None:
    environment = os.environ | {"DATABASE_URL": address}
    subprocess.run([sys.executable, "manage.py", *arguments, "-v0"], env=environment, check=True)


@contextmanager
def own_database(count: int, fill: Callable[[str, int], None] = fill) -> Iterator[str]:
    """The address of a migrated database with `count` tickets."""
    address, name = os.environ["DATABASE_URL"], f"benchmark_{count}"
    own = urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            manage(own, "migrate")
            fill(own, count)
            yield own
        finally:
            # Without FORCE, which this role may not use against the server's own vacuum; that ends by itself.
            connection.execute(f"DROP DATABASE {name}")


@contextmanager
def web_process(
    database: str, *options: str, settings: str = "campus_helpdesk.settings"
) -> Iterator[tuple[str, Callable[[], int]]]:
    """gunicorn as deployed, with one worker by default. Returns its address, and a function that finds the
    (first) worker's process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "gunicorn", *WEB, "--bind", f"fd://{listener.fileno()}"]
        command += options or ALONE
        environment = os.environ | {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": settings}
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}  # one line per request
        master = subprocess.Popen(command, env=environment, pass_fds=[listener.fileno()], **quiet)
        try:
            httpx.get(f"{url}/healthz", timeout=60, trust_env=False).raise_for_status()
            yield url, lambda: psutil.Process(master.pid).children()[0].pid
        finally:
            master.terminate()
            master.wait()
