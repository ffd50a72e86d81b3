"""Error pages for errors raised in views."""

from django.http import Http404, HttpRequest, HttpResponse

from common.errors import Refused
from django_common.problem_details import describe_error, problem_page, with_retry_after
from django_common.requests import GetResponse


class ErrorPageMiddleware:
    """Turns errors raised in views into pages that explain what happened and what was not lost."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content:
            page = problem_page(request, 405, "This method is not allowed here. Go back and try again.")
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, Refused | Http404):
            return None
        return with_retry_after(problem_page(request, *describe_error(error)), error)
