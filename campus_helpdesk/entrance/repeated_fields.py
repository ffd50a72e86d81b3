"""Refuses forms with repeated fields."""

from django.http import HttpRequest, HttpResponse

from campus_helpdesk.entrance.unsent import FIELD_PREFIX
from django_common.problem_details import problem_page
from django_common.requests import GetResponse

MANY = {"ticket", "place", "seen", "_selected_action"}  # the last one is the admin's


class RepeatedFieldsMiddleware:
    """Refuses a form with two values for one field: one of them would be dropped silently."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """Visitors without a role are first redirected to the entrance, unless they are entering."""
        is_entrance = request.resolver_match is not None and request.resolver_match.namespace == "entrance"
        has_role = getattr(request, "caller", None) is not None
        if request.path.startswith("/api/") or not (has_role or is_entrance):
            return None
        repeated = [name for name, values in request.POST.lists() if len(values) > 1 and not is_many(name)]
        errors = {name: ["Must be given only once."] for name in repeated}
        return problem_page(request, 400, "Please check the form.", errors) if errors else None


def is_many(name: str) -> bool:
    """The selected rows of a list, also in a form that waits at the entrance."""
    return name.removeprefix(FIELD_PREFIX) in MANY
