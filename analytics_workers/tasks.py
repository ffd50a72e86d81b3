"""The one task: an analysis from its start at the helpdesk to its result there.

The row at the helpdesk is the truth; a message contains an id and an attempt and may arrive twice.
"""

import logging
import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.exceptions import SoftTimeLimitExceeded

from analytics_workers import pipeline
from analytics_workers.app import SETTINGS, app
from analytics_workers.catalogue import clean_params
from analytics_workers.facts_copy.local_copy import LocalCopy
from analytics_workers.frames import FactsUnreadable
from analytics_workers.helpdesk_api import (
    AttemptLost,
    HelpdeskApi,
    HelpdeskApiError,
    StartUnreadable,
    Unavailable,
)
from analytics_workers.lease import Lease
from common.analysis_messages import AnalysisRequest
from common.test_hooks import wait_at

log = logging.getLogger(__name__)

TIMED_OUT = "The analysis exceeded the time limit."
# A failure after more seconds is final, so that an analysis, three attempts at most, has ended two minutes
# after its start.
QUICK_SECONDS = 12

LOCAL_COPY = LocalCopy(SETTINGS.facts_folder, SETTINGS.api_url)


@app.task(name="analytics_workers.run_analysis")
def run_analysis(analysis: str, attempt: int) -> None:
    with HelpdeskApi(SETTINGS) as api:
        try:
            request = api.start(analysis, attempt)
        except StartUnreadable as error:
            fail(api, analysis, attempt, str(error), retry=False)
        except HelpdeskApiError as error:
            log.info("analysis %s attempt %s not started: %s", analysis, attempt, error)
        else:
            log.info("analysis %s attempt %s started", analysis, attempt)
            perform(api, request)


def perform(api: HelpdeskApi, request: AnalysisRequest) -> None:
    """Computes a started analysis; any error becomes one readable reason at the helpdesk."""
    began = time.monotonic()
    try:
        compute(api, request)
    except AttemptLost:
        log.info("analysis %s attempt %s has been lost", request.id, request.attempt)
    except Exception as error:
        is_quick = time.monotonic() - began <= QUICK_SECONDS
        retry = is_quick and isinstance(error, Unavailable | FactsUnreadable)
        fail(api, request.id, request.attempt, explain(error), retry=retry)


def explain(error: Exception) -> str:
    """The reason shown to people; details for programmers are logged."""
    if isinstance(error, SoftTimeLimitExceeded):
        return TIMED_OUT
    if isinstance(error, MemoryError):
        return "The analysis ran out of memory."
    if isinstance(error, HelpdeskApiError | FactsUnreadable):
        return str(error)
    log.error("an analysis failed", exc_info=error)
    if isinstance(error, ValueError | ZoneInfoNotFoundError):
        return f"The analysis could not be computed: {one_line(error)}"
    return f"An unexpected error occurred ({type(error).__name__})."


def compute(api: HelpdeskApi, request: AnalysisRequest) -> None:
    """Fetch, measure, draw, send. Reporting a phase also shows whether the attempt is still running."""
    params, time_zone = clean_params(request.service, request.params), ZoneInfo(request.time_zone)
    with Lease(api, request.id, request.attempt) as lease:
        lease.enter("fetching")
        facts = LOCAL_COPY.read_facts(api, lease.report_percent)
        wait_at("after_fetch")
        lease.enter("computing")
        table = pipeline.measure(request.service, params, facts, time_zone)
        lease.enter("drawing")
        picture = pipeline.draw(request.service, table, facts, time_zone)
        result = pipeline.make_result(request.service, table, facts, time_zone)
        wait_at("before_store")
        api.send_result(request.id, request.attempt, result, picture.svg, picture.png)
        wait_at("after_store")
    log.info("analysis %s attempt %s done", request.id, request.attempt)


def fail(api: HelpdeskApi, analysis: str, attempt: int, reason: str, *, retry: bool) -> None:
    """Reports the failure; if that also fails, the lease expires and the helpdesk notices."""
    try:
        api.report_failure(analysis, attempt, reason, retry=retry)
    except HelpdeskApiError as error:
        log.warning("analysis %s attempt %s: failure not reported: %s", analysis, attempt, error)


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
