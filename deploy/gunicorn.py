"""gunicorn's settings, for the one-command stack and for production: `gunicorn -c deploy/gunicorn.py`."""

import gc
import os
import shutil
import signal
from itertools import count
from pathlib import Path
from typing import Any

from campus_helpdesk.configuration.log_settings import LOGGING
from campus_helpdesk.serving.incoming_request import MAX_HEAD_BYTES
from campus_helpdesk.serving.metrics_dir import make_metrics_dir
from common.json_logging import log_as_json_only
from common.process_lifetime import die_with_parent

wsgi_app = "campus_helpdesk.wsgi:application"
worker_class = "campus_helpdesk.serving.buffering_worker.BufferingWorker"
# Each thread keeps one connection to PostgreSQL: 16 at most, far below the embedded server's 60. More threads
# would take turns on the same processor in the middle of a page: 8 answered fewer requests, and later.
workers = min(4, max(2, os.cpu_count() or 2))
threads = 4
# One queue for all processes, the kernel's: a request goes to the thread that is free first. A connection
# that is kept, or accepted before a thread is free, would wait for its process while another one is idle.
worker_connections = threads
keepalive = 0
timeout = 30
graceful_timeout = 30
max_requests = 2000
max_requests_jitter = 6000  # workers are replaced seldom, and very seldom at once
sendfile = False  # sendfile sends a whole file at once, so progress would be invisible
preload_app = True  # loaded once, shared by all workers; nothing connects while loading
control_socket_disable = True
# Longer heads than the site accepts still reach it, so that it can refuse them with a helpful page.
limit_request_line = 0
limit_request_field_size = MAX_HEAD_BYTES
forwarded_allow_ips = (
    ""  # gunicorn trusts no headers: the site's first middleware decides which ones to trust
)
logconfig_dict = LOGGING

# Where the processes count their requests: from 0 at each start, and set before the library is loaded.
GIVEN = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
COUNTERS = Path(GIVEN) if GIVEN else make_metrics_dir()
COUNTERS.mkdir(mode=0o700, parents=True, exist_ok=True)
for left in COUNTERS.glob("*.db"):
    left.unlink()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(COUNTERS)


def on_starting(server: Any) -> None:
    log_as_json_only(LOGGING)


def when_ready(server: Any) -> None:
    from campus_helpdesk.entrance.startup_warnings import find_warnings

    for warning in find_warnings(listener.getsockname() for listener in server.LISTENERS):
        server.log.warning(warning)


def pre_fork(server: Any, worker: Any) -> None:
    """A slot that no living process has: a new one continues counting where a dead one stopped, so there are
    never more files than processes."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in count() if place not in taken)
    worker.die_with_server = die_with_parent(signal.SIGKILL)
    # What is loaded stays: the garbage collector ignores it, and a worker that is replaced exits at once.
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A worker whose server was killed must release the port: asked to stop, it may wait for a request."""
    from prometheus_client import values

    if worker.die_with_server:
        worker.die_with_server()
    values.ValueClass = values.MultiProcessValue(lambda: worker.place)


def on_exit(server: Any) -> None:
    if not GIVEN:
        shutil.rmtree(COUNTERS, ignore_errors=True)
