"""The portal's list: what is reported."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import role_required
from campus_helpdesk.web.portal.feed import feed_address
from campus_helpdesk.web.portal.own_links import list_closed
from campus_helpdesk.web.shared import ticket_list
from campus_helpdesk.web.shared.active_filters import (
    format_count,
    found_heading,
    list_active_filters,
    page_title,
)
from django_common.requests import CallerRequest
from tickets.access import VISIBLE_STATUSES
from tickets.categories import Category
from tickets.filters import TicketFilter
from tickets.lifecycle import Status

MY_REPORTS = "My reports"


def is_only_mine(request: CallerRequest) -> bool:
    """Whether the list is filtered by nothing else."""
    return set(request.GET) - TicketFilter.not_filters == {"is_mine"}


@role_required
@require_safe
def show_list(request: CallerRequest) -> HttpResponse:
    """The helpdesk sees here what users see: open and active tickets."""
    reader = ticket_list.find_reader(request, "portal")
    page = ticket_list.read_page(request, reader)
    statuses = [(status.value, status.label) for status in VISIBLE_STATUSES[reader.role]]
    choices = {
        "mine": ticket_list.make_choices(request.GET, "is_mine", [("true", "Mine")]),
        "statuses": ticket_list.make_choices(request.GET, "status", statuses),
        "categories": ticket_list.make_choices(request.GET, "category", Category.choices),
    }
    filters, active_filters = ticket_list.filter_form(request.GET), list_active_filters(request.GET)
    context = filters | choices | {"page": page, "active_filters": active_filters}
    context["feed"] = feed_address(request.GET)
    if filters["is_filtered"]:
        labels = [choice.label for many in choices.values() for choice in many if choice.is_on]
        counts = ticket_list.count_list(request.GET, reader, TicketFilter, page.hits)
        count = counts.total(Status.values, Category.values)
        heading = found_heading(format_count(count), request.GET, labels)
        if is_only_mine(request):
            heading, context["is_only_mine"] = MY_REPORTS, True
            context["closed"] = list_closed(request)
        context |= {"heading": heading, "title": page_title(heading, active_filters)}
    return render(request, "portal/list.html", context)
