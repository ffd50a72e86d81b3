"""gunicorn's settings, for the one-command stack and for production: `gunicorn -c python:<this module>`."""

import os
from typing import Any

wsgi_app = "campus_helpdesk.wsgi:application"
worker_class = "gthread"
# Each thread keeps one connection to PostgreSQL: 32 at most, below the embedded server's 60.
workers = min(4, max(2, os.cpu_count() or 2))
threads = 8
timeout = 30
graceful_timeout = 30
max_requests = 2000
max_requests_jitter = 200
preload_app = True  # loaded once, shared by all workers; nothing connects while loading
control_socket_disable = True
forwarded_allow_ips = ""  # it believes nobody's headers: the site's first middleware decides whom to believe


def when_ready(server: Any) -> None:
    from campus_helpdesk.door.openness import find_warnings

    for warning in find_warnings(listener.getsockname() for listener in server.LISTENERS):
        server.log.warning(warning)
