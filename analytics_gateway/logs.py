"""The id of the request that this process is working on: of the click, or of the task."""

from celery.signals import task_postrun, task_prerun

from analytics_workers.contract import (
    REQUEST_ID_HEADER,
    choose_id,
    follow_task,
    following,
    leave_task,
    make_logging,
    request_id,
    write_lines_only,
)

__all__ = [
    "REQUEST_ID_HEADER",
    "choose_id",
    "current_request_id",
    "following",
    "make_logging",
    "write_lines_only",
]

task_prerun.connect(follow_task)
task_postrun.connect(leave_task)


def current_request_id() -> str:
    return request_id.get()
