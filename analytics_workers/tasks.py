"""The one task: an analysis from its start at the helpdesk to its result there.

The row at the helpdesk is the truth; a message carries an id and an attempt and may come twice.
"""

import logging
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.exceptions import SoftTimeLimitExceeded

from analytics_workers import pipeline
from analytics_workers.app import SETTINGS, app
from analytics_workers.contract import AnalysisRequest, clean_params
from analytics_workers.facts_copy.local_copy import LocalCopy
from analytics_workers.frames import FactsUnreadable
from analytics_workers.helpdesk_api import HelpdeskApi, HelpdeskApiError, Refused, Unavailable
from analytics_workers.lease import Lease

log = logging.getLogger(__name__)

LOCAL_COPY = LocalCopy(SETTINGS.facts_folder, SETTINGS.api_url)


@app.task(name="analytics_workers.run_analysis")
def run_analysis(analysis: str, attempt: int) -> None:
    with HelpdeskApi(SETTINGS) as api:
        try:
            request = api.start(analysis, attempt)
        except HelpdeskApiError as error:
            log.info("analysis %s attempt %s not started: %s", analysis, attempt, error)
            return
        log.info("analysis %s attempt %s started", analysis, attempt)
        perform(api, request)


def perform(api: HelpdeskApi, request: AnalysisRequest) -> None:
    """Works on a started analysis; whatever goes wrong becomes one readable reason at the helpdesk."""
    try:
        compute(api, request)
    except Refused:
        log.info("analysis %s attempt %s is no longer ours", request.id, request.attempt)
    except SoftTimeLimitExceeded:
        fail(api, request, "It took longer than an analysis may take.", retry=True)
    except FactsUnreadable as error:
        fail(api, request, str(error), retry=True)
    except HelpdeskApiError as error:
        fail(api, request, str(error), retry=isinstance(error, Unavailable))
    except (ValueError, ZoneInfoNotFoundError) as error:
        log.exception("analysis %s attempt %s cannot be computed", request.id, request.attempt)
        fail(api, request, f"It cannot be computed: {one_line(error)}", retry=False)
    except Exception as error:
        log.exception("analysis %s attempt %s failed", request.id, request.attempt)
        fail(api, request, f"An unexpected error stopped it ({type(error).__name__}).", retry=False)


def compute(api: HelpdeskApi, request: AnalysisRequest) -> None:
    """Fetch, measure, draw, send: each phase is told, and each asks whether the analysis is still ours."""
    params, time_zone = clean_params(request.service, request.params), ZoneInfo(request.time_zone)
    with Lease(api, request.id, request.attempt) as lease:
        lease.enter("fetching")
        facts = LOCAL_COPY.read_facts(api, lease.tell)
        lease.enter("computing")
        table = pipeline.measure(request.service, params, facts, time_zone)
        lease.enter("drawing")
        picture = pipeline.draw(request.service, table, facts, time_zone)
        result = pipeline.make_result(request.service, table, facts, time_zone)
        api.send_result(request.id, request.attempt, result, picture.svg, picture.png)
    log.info("analysis %s attempt %s done", request.id, request.attempt)


def fail(api: HelpdeskApi, request: AnalysisRequest, reason: str, *, retry: bool) -> None:
    """Tells the helpdesk; where that fails too, the lease runs out and the helpdesk finds out itself."""
    try:
        api.report_failure(request.id, request.attempt, reason, retry=retry)
    except HelpdeskApiError as error:
        log.warning("analysis %s attempt %s: failure not reported: %s", request.id, request.attempt, error)


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
