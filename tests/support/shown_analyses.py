"""Analyses in every state as rows alone, with what the pages show of them."""

from django.utils import timezone

from analytics_gateway.models import Analysis
from common import __version__
from common.analysis_messages import result_sha256

RESULT = {
    "title": "Resolution time",
    "columns": [
        {"name": "month", "label": "Opening month", "unit": ""},
        {"name": "mean_hours", "label": "Mean", "unit": "hours"},
        {"name": "is_finished", "label": "Finished", "unit": ""},
    ],
    "rows": [["2026-02", 1234.56789, True], ["2026-03", None, False]],
    "headline": {"value": 53.25, "label": "hours on average", "unit": "hours"},
    "notes": [],
    "alt_text": "Two bars.",
    "lineage": {"as_of": "2026-03-31T12:00:00.123456Z", "time_zone": "Europe/Berlin"},
}
LINEAGE = {
    "as_of": "2026-03-31T12:00:00Z",
    "time_zone": "Europe/Berlin",
    "rows_read": 1234,
    "filter": "all months",
    "formula": "a mean",
    "code_version": __version__,
    "sha256": result_sha256(RESULT["columns"], RESULT["rows"], RESULT["headline"]),
}


def make_analysis(**fields) -> Analysis:
    defaults = {"service": "resolution-time", "asked_by_role": "helpdesk"}
    return Analysis.objects.create(**defaults | fields)


def make_done(**fields) -> Analysis:
    now = timezone.now()
    result = RESULT | {"lineage": LINEAGE}
    return make_analysis(state="done", attempts=1, started_at=now, finished_at=now, result=result, **fields)


def make_running(**fields) -> Analysis:
    now = timezone.now()
    return make_analysis(state="running", attempts=1, started_at=now, lease_until=now, **fields)


def make_failed(**fields) -> Analysis:
    now = timezone.now()
    return make_analysis(state="failed", attempts=3, started_at=now, finished_at=now, **fields)
