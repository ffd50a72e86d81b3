"""Facts to a DataFrame over HTTP, against COPY's CSV passed through a bare view of the same web process.

Rows, database and web process are this benchmark's own; both ways are taken in turns.
"""

import io
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import pandas as pd
import psycopg
from django.conf import settings as django_settings

from analytics_workers.frames import FIELDS, make_frame
from analytics_workers.helpdesk_api import HelpdeskApi
from analytics_workers.local_copy import fetch
from analytics_workers.settings import Settings
from benchmarks.turns import alternate

ROUNDS = 7
DATABASE = "facts_benchmark"
WEB = ["-c", "python:campus_helpdesk.embedded.gunicorn_settings", "--workers", "1", "benchmarks.bare"]
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


def measure(count: int) -> Iterator[tuple[str, str, str]]:
    with own_database(count) as database, web_process(database) as (url, web):
        idle, idle_own = (read_memory(web, name) for name in ("VmRSS", "RssAnon"))
        key = django_settings.SERVICE_KEY
        with HelpdeskApi(Settings("redis://none/0", key, f"{url}/api/v1/", Path())) as api:
            size = max(measure_size(api) for _ in range(ROUNDS))
            peak, libraries = (read_memory(web, name) for name in ("VmHWM", "RssFile"))
            ours, bare, passed = alternate(
                lambda: read_ours(api), lambda: read_bare(url), lambda: pass_bare(url), rounds=ROUNDS
            )
    yield "COPY CSV through a bare view, not read", f"{passed * 1000:,.0f} ms", f"{passed / bare:.2f}"
    yield "COPY CSV through a bare view, to a frame", f"{bare * 1000:,.0f} ms", "1.0"
    yield "facts to a frame (goal 2.0)", f"{ours * 1000:,.0f} ms", f"{ours / bare:.2f}"
    yield "facts, bytes a row (goal 50)", f"{size / count:.1f} B", ""
    yield "web process, own memory beyond idle (goal 25 MB)", f"{peak - libraries - idle_own:.1f} MB", ""
    yield "the same with the pages of shared libraries", f"{peak - idle:.1f} MB", ""


def read_ours(api: HelpdeskApi) -> pd.DataFrame:
    return make_frame(fetch(api, None, lambda percent: None).columns)


def measure_size(api: HelpdeskApi) -> int:
    """The bytes of the facts that come."""
    return api.fetch_facts({}, lambda headers, stream: len(stream.read()))


def read_bare(url: str) -> pd.DataFrame:
    content = httpx.get(f"{url}/bare", timeout=60, trust_env=False).content
    moments = [name for name in FIELDS if name.endswith("_at")]
    return pd.read_csv(io.BytesIO(content), names=list(FIELDS), engine="pyarrow", parse_dates=moments)


def pass_bare(url: str) -> int:
    return len(httpx.get(f"{url}/bare", timeout=60, trust_env=False).content)


def read_memory(pid: int, name: str) -> float:
    """MB of the process, as the kernel counts: VmRSS now, VmHWM at its highest, RssAnon its own, RssFile that
    of files that it shares, libraries above all."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1000


@contextmanager
def own_database(count: int) -> Iterator[str]:
    """The address of a migrated database with `count` tickets, made by one statement."""
    address = os.environ["DATABASE_URL"]
    own = urlunsplit(urlsplit(address)._replace(path=f"/{DATABASE}"))
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
        try:
            environment = os.environ | {"DATABASE_URL": own}
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
            fill(own, count)
            yield own
        finally:
            connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)")


def fill(address: str, count: int) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        with connection.transaction():
            connection.execute("SET LOCAL campus.import = on")
            connection.execute(MAKE_ROWS, {"count": count})
        connection.execute("VACUUM ANALYZE tickets_ticket")


@contextmanager
def web_process(database: str) -> Iterator[tuple[str, int]]:
    """gunicorn as it is deployed, with one worker: its address and the worker's process."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen(64)
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        command = [sys.executable, "-m", "gunicorn", *WEB, "--bind", f"fd://{door.fileno()}"]
        environment = os.environ | {"DATABASE_URL": database}
        master = subprocess.Popen(command, env=environment, pass_fds=[door.fileno()])
        try:
            httpx.get(f"{url}/healthz", timeout=60, trust_env=False).raise_for_status()
            yield url, int(Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()[0])
        finally:
            master.terminate()
            master.wait()
