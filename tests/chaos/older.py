"""A worker of an earlier release: `celery -A tests.chaos.older worker`. LACKS says what it misses."""

import os
from dataclasses import dataclass, replace
from typing import Any, Self

from analytics_workers import helpdesk_api, tasks
from analytics_workers.app import app
from common import analysis_messages
from common.json_validation import as_object, parse_json

__all__ = ["app"]


@dataclass(frozen=True)
class OldRequest:
    """What a start was answered with before there were time zones."""

    id: str
    service: str
    params: dict[str, Any]
    attempt: int

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        return cls(**as_object(parse_json(text), "request", cls))


LACKS = os.environ["LACKS"]
if LACKS == "service":
    analysis_messages.CARDS.pop("backlog")
elif LACKS == "parameter":
    analysis_messages.CARDS["backlog"] = replace(analysis_messages.CARDS["backlog"], parameters=())
elif LACKS == "field":
    helpdesk_api.AnalysisRequest = OldRequest  # type: ignore[misc, assignment]
elif LACKS == "task":
    app.tasks.unregister(tasks.run_analysis.name)
elif LACKS == "checksum":
    helpdesk_api.parts_sha256 = lambda *parts: ""
