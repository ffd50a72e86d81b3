"""Errors are answers: a refusal becomes problem details for the API and a page for people."""

import logging
import sys
from http import HTTPStatus

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response

from campus_helpdesk.database.base import CommitLost
from campus_helpdesk.entrance.unsent import Fields, UnsentForm, find_kept, read_fields, read_unsent
from common.errors import Refused
from common.json_logging import current_request_id
from tickets.errors import Hidden

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
PAUSE = 5  # seconds
SCHEME = 'Bearer realm="campus-helpdesk"'  # of WWW-Authenticate, which each 401 names
NOT_FOUND = "There is nothing here, or nothing that you may see."
NO_ANSWER = "The database does not answer. Nothing was changed; try again in a moment."
NOT_KNOWN = (
    "It is not known whether this was saved: the database was lost at the last step. All of it was saved, or "
    "nothing: look before you send it again."
)
# What is no fault of ours, by the beginning of its SQLSTATE. Every OperationalError is none, either.
OUTAGES = {
    "25006": "The database takes no changes at the moment; reading works. Nothing was changed; try later.",
    "53100": "There is no room left to store anything. Nothing was changed; reading works.",
    "55P03": "Somebody else is changing this at the moment. Nothing was changed; try again.",
    "XX": "A part of what is stored cannot be read. Nothing was changed; the fault was logged.",
}


def make_problem(status: int, detail: str, errors: dict | None = None, title: str = "") -> dict:
    """RFC 9457 problem details, with `errors` by field where fields are to blame, and with the request's id
    where we are: it leads to the lines of our log."""
    problem = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status}
    problem["detail"] = as_utf8(detail)
    if errors:
        problem["errors"] = {
            as_utf8(field): [as_utf8(text) for text in texts] for field, texts in errors.items()
        }
    if status >= 500:
        problem["request_id"] = current_request_id()
    return problem


def as_utf8(text: str) -> str:
    """A refusal may quote what was sent: half a surrogate pair is shown as a question mark."""
    return text.encode("utf-8", "replace").decode()


def describe_error(error: Exception) -> tuple[int, str, dict | None, str]:
    """Status, detail, errors and title of an error that is an answer. Anything else is raised again."""
    if isinstance(error, Http404 | exceptions.NotFound | Hidden):
        return 404, NOT_FOUND, None, ""
    if isinstance(error, Refused):
        return error.status, error.detail, error.errors, error.title
    if isinstance(error, PermissionDenied):
        return 403, "Your role does not allow this.", None, ""
    if isinstance(error, exceptions.ValidationError):
        return 400, "Please check what you sent.", as_fields(error.detail), ""
    if isinstance(error, exceptions.APIException):
        return error.status_code, str(error.detail), None, ""
    if outage := describe_outage(error):
        log.error("the database refused: %s", type(error.__cause__).__name__)
        return 503, outage, None, ""
    raise error


def describe_outage(error: BaseException | None) -> str:
    """A sentence where the database cannot do what it is there for; empty for everything else."""
    if isinstance(error, CommitLost):
        return NOT_KNOWN
    state = getattr(getattr(error, "__cause__", None), "sqlstate", None) or ""
    if isinstance(error, DatabaseError):
        for beginning, sentence in OUTAGES.items():
            if state.startswith(beginning):
                return sentence
    return NO_ANSWER if isinstance(error, OperationalError) else ""


def as_fields(detail: object) -> dict[str, list[str]]:
    if isinstance(detail, dict):
        return {
            field: [str(t) for t in (texts if isinstance(texts, list) else [texts])]
            for field, texts in detail.items()
        }
    return (
        {"non_field_errors": [str(text) for text in detail]}
        if isinstance(detail, list)
        else {"detail": [str(detail)]}
    )


def answer_problem(error: Exception, context: dict) -> Response:
    """DRF's exception handler."""
    try:
        status, detail, errors, title = describe_error(error)
    except SuspiciousOperation as suspicious:
        status, detail, errors, title = 400, str(suspicious), None, ""
    response = Response(make_problem(status, detail, errors, title), status=status, content_type=CONTENT_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = SCHEME
    return with_pause(response, error)


def with_pause(response: HttpResponse, error: Exception | None = None) -> HttpResponse:
    """When to ask again: a refusal may know it, and what is away (503) may be back soon."""
    known = error.retry_after if isinstance(error, Refused) else 0
    if seconds := known or (PAUSE if response.status_code == 503 else 0):
        response["Retry-After"] = str(seconds)
    return response


def problem_page(
    request: HttpRequest,
    status: int,
    detail: str,
    errors: dict | None = None,
    title: str = "",
    is_stale: bool = False,
) -> HttpResponse:
    """The same answer where no view has spoken: JSON under /api/, a page elsewhere.

    is_stale: the form was good, but its page was too old.
    """
    if request.path.startswith("/api/"):
        problem = make_problem(status, detail, errors, title)
        return with_pause(JsonResponse(problem, status=status, content_type=CONTENT_TYPE))
    form = read_unsent(request) if status != 413 else UnsentForm(request.path, [])
    may_repeat = request.method == "POST" and (status in (401, 429, 503) or is_stale)
    context = {
        "status": status,
        "title": title or HTTPStatus(status).phrase,
        "detail": detail,
        "errors": errors,
        "texts": form.texts or find_waiting(request, status),
        "again": read_fields(request) if may_repeat else None,
        "request_id": current_request_id() if status >= 500 else "",
    }
    return with_pause(render(request, "errors/problem.html", context, status=status))


def find_waiting(request: HttpRequest, status: int) -> Fields:
    """The texts of a form that waits for a page which is not there for this role: shown to copy."""
    is_inside = status in (403, 404) and getattr(request, "caller", None)
    return find_kept(request).texts if is_inside else []


class RefusalMiddleware:
    """Refusals raised in pages become pages that say what happened and what was not lost."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = problem_page(request, 405, "This address is not used that way. Go back and try again.")
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused | Http404):
            return None
        return with_pause(problem_page(request, *describe_error(error)), error)


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, 400, "The request could not be read.")


def answer_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, 403, "Your role does not allow this.")


def answer_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, 404, NOT_FOUND)


def answer_fault(request: HttpRequest) -> HttpResponse:
    """The last handler; also of what fails before a view is reached, as reading the session does."""
    error = sys.exception()
    if isinstance(error, DatabaseError) and describe_outage(error):
        return problem_page(request, *describe_error(error))
    return problem_page(
        request, 500, "This is our fault. It was logged; what was saved before is safe. Try again."
    )
