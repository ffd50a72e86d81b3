"""The response to a form without a valid CSRF token."""

from django.conf import settings
from django.http import HttpResponse

from campus_helpdesk.entrance.guards import redirect_to_entrance
from django_common.problem_details import problem_page
from django_common.requests import CampusRequest

FOREIGN_FORM = "This form came from another site. Go back, copy your text and load the page again."
STALE_FORM = (
    "Your role was changed in this browser after this page was opened. Check your input and send it again; it"
    " will be sent with your current role and name."
)
SAME_SITE_REASON = "CSRF "  # how Django's reasons begin if origin and referrer are this site's


def refuse_forgery(request: CampusRequest, reason: str = "") -> HttpResponse:
    """Another site's form is refused. A form of this site is only outdated, as after leaving in another tab:
    it may be sent again, through the entrance if the role is gone."""
    if not reason.startswith(SAME_SITE_REASON):
        return problem_page(request, 403, FOREIGN_FORM)
    needs_role = request.resolver_match is None or request.resolver_match.namespace not in (
        "entrance",
        "link",
    )
    if request.caller is None and needs_role and settings.ROLE_SOURCE == "door":
        return redirect_to_entrance(request, status=403)
    return problem_page(request, 403, STALE_FORM, title="This page is too old", is_stale=True)
