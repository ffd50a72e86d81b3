"""A worker of an earlier release: `celery -A tests.support.chaos.old_worker worker`.

The environment variable LACKS names what this release does not have yet.
"""

import os
from dataclasses import replace
from typing import Any, Self

from analytics_workers import catalogue, helpdesk_api, tasks
from analytics_workers.app import app
from common.json_validation import StrictStruct, parse_json, validate

__all__ = ["app"]


class OldRequest(StrictStruct, frozen=True):
    """The response to a start before it contained a time zone."""

    id: str
    service: str
    params: dict[str, Any]
    attempt: int

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        return validate(parse_json(text), cls, "request")


LACKS = os.environ["LACKS"]
if LACKS == "service":
    catalogue.SERVICES.pop("backlog")
elif LACKS == "parameter":
    catalogue.SERVICES["backlog"] = replace(catalogue.SERVICES["backlog"], parameters=())
elif LACKS == "field":
    helpdesk_api.AnalysisRequest = OldRequest  # type: ignore[misc, assignment]
elif LACKS == "task":
    app.tasks.unregister(tasks.run_analysis.name)
elif LACKS == "checksum":
    helpdesk_api.parts_sha256 = lambda *parts: ""
