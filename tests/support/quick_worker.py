"""The web's worker with shorter time limits, for gunicorn's `--worker-class`."""

from campus_helpdesk.serving.buffering_worker import BufferingWorker


class QuickWorker(BufferingWorker):
    head_seconds = 1.0
    body_seconds = 2.0
    response_seconds = 3.0
