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
# only compete for the CPU: with 8, throughput fell and latency rose.
workers = min(4, max(2, os.cpu_count() or 2))
threads = 4
# The kernel's queue serves all processes: a request goes to the first free thread. A connection that is kept
# alive, or accepted before a thread is free, would wait for its process while another one is idle.
worker_connections = threads
keepalive = 0
timeout = 30
graceful_timeout = 30
max_requests = 2000
max_requests_jitter = 6000  # workers are replaced rarely, and almost never at the same time
sendfile = False  # sendfile sends a whole file at once, so progress would be invisible
preload_app = True  # loaded once, shared by all workers; nothing connects while loading
control_socket_disable = True
# Longer headers than the site accepts still reach it, so that it can refuse them with a helpful page.
limit_request_line = 0
limit_request_field_size = MAX_HEAD_BYTES
# gunicorn trusts no headers: ProxyHeadersMiddleware decides which ones to trust.
forwarded_allow_ips = ""
logconfig_dict = LOGGING

# The directory of the processes' request counters: emptied at each start, and set before the library is
# loaded.
GIVEN = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
METRICS_DIR = Path(GIVEN) if GIVEN else make_metrics_dir()
METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
for left in METRICS_DIR.glob("*.db"):
    left.unlink()
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(METRICS_DIR)


def on_starting(server: Any) -> None:
    log_as_json_only(LOGGING)


def when_ready(server: Any) -> None:
    from campus_helpdesk.entrance.startup_warnings import find_warnings

    for warning in find_warnings(listener.getsockname() for listener in server.LISTENERS):
        server.log.warning(warning)


def pre_fork(server: Any, worker: Any) -> None:
    """The lowest slot not used by a live process: a new worker continues the dead one's file, so there are
    never more files than processes."""
    taken = {other.slot for other in server.WORKERS.values()}
    worker.slot = next(slot for slot in count() if slot not in taken)
    worker.die_with_server = die_with_parent(signal.SIGKILL)
    # The garbage collector ignores what is loaded so far, and a worker that is replaced exits at once.
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """A worker whose server was killed must release the port at once: after SIGTERM it may wait for a
    request."""
    from prometheus_client import values

    if worker.die_with_server:
        worker.die_with_server()
    values.ValueClass = values.MultiProcessValue(lambda: worker.slot)


def on_exit(server: Any) -> None:
    if not GIVEN:
        shutil.rmtree(METRICS_DIR, ignore_errors=True)
