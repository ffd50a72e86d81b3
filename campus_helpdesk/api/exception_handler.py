"""Errors of the API as problem details."""

from django.core.exceptions import SuspiciousOperation
from rest_framework.response import Response

from django_common.problem_details import CONTENT_TYPE, SCHEME, describe_error, make_problem, with_retry_after


def handle_exception(error: Exception, context: dict) -> Response:
    """DRF's exception handler."""
    try:
        status, detail, errors, title = describe_error(error)
    except SuspiciousOperation as suspicious:
        status, detail, errors, title = 400, str(suspicious), None, ""
    response = Response(make_problem(status, detail, errors, title), status=status, content_type=CONTENT_TYPE)
    if status == 401:
        response["WWW-Authenticate"] = SCHEME
    return with_retry_after(response, error)
