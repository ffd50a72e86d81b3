"""gunicorn's settings, for the one-command stack and for production: `gunicorn -c python:<this module>`."""

import os

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
