"""The site's handlers for errors outside of views."""

import sys

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from django_common.database.outages import describe_outage
from django_common.problem_details import NOT_FOUND, describe_error, problem_page


def answer_bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, 400, "The request could not be read.")


def answer_forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, 403, "Your role does not allow this.")


def answer_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_page(request, 404, NOT_FOUND)


def answer_server_error(request: HttpRequest) -> HttpResponse:
    """The last handler, also for errors before a view is reached, as when the session is read."""
    error = sys.exception()
    if isinstance(error, DatabaseError) and describe_outage(error):
        return problem_page(request, *describe_error(error))
    return problem_page(request, 500, "An unexpected error occurred and was logged. Please try again.")
