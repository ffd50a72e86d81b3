"""Errors as responses: problem details (RFC 9457) for programs and a page for people."""

import logging
from http import HTTPStatus
from typing import TypeVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from rest_framework import exceptions

from common.errors import Hidden, Refused
from common.json_logging import current_request_id
from django_common.database.outages import describe_outage

log = logging.getLogger(__name__)
Answer = TypeVar("Answer", bound=HttpResponse)
CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 5
SCHEME = 'Bearer realm="campus-helpdesk"'  # of WWW-Authenticate, which every 401 needs
NOT_FOUND = "Not found, or not visible to you."


def make_problem(status: int, detail: str, errors: dict | None = None, title: str = "") -> dict:
    """RFC 9457 problem details: with `errors` by field if fields are invalid, and with the request id of the
    log for a server error."""
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
    """An error message may quote input: half a surrogate pair is replaced by a question mark."""
    return text.encode("utf-8", "replace").decode()


def describe_error(error: Exception) -> tuple[int, str, dict | None, str]:
    """Status, detail, errors and title of an exception that is a response. Others are raised again."""
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


def with_retry_after(response: Answer, error: Exception | None = None) -> Answer:
    """Adds the header Retry-After if the error says when to retry, or if the status is 503."""
    known = error.retry_after if isinstance(error, Refused) else 0
    if seconds := known or (RETRY_SECONDS if response.status_code == 503 else 0):
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
    """The response outside of views: JSON under /api/, a page elsewhere.

    is_stale: the form was valid, but its page was too old.
    """
    if request.path.startswith("/api/"):
        problem = make_problem(status, detail, errors, title)
        return with_retry_after(JsonResponse(problem, status=status, content_type=CONTENT_TYPE))
    context = {
        "status": status,
        "title": title or HTTPStatus(status).phrase,
        "detail": detail,
        "errors": errors,
        "is_stale": is_stale,
        "request_id": current_request_id() if status >= 500 else "",
    }
    return with_retry_after(render(request, "errors/problem.html", context, status=status))
