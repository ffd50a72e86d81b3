"""The portal's list: what is reported."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import role_required
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


@role_required
@require_safe
def show_list(request: CallerRequest) -> HttpResponse:
    """The helpdesk sees here what users see: open and active tickets."""
    role = ticket_list.LIST_ROLES["portal"]
    page = ticket_list.read_page(request, role)
    statuses = [(status.value, status.label) for status in VISIBLE_STATUSES[role]]
    choices = {
        "statuses": ticket_list.make_choices(request.GET, "status", statuses),
        "categories": ticket_list.make_choices(request.GET, "category", Category.choices),
    }
    filters, active_filters = ticket_list.filter_form(request.GET), list_active_filters(request.GET)
    context = filters | choices | {"page": page, "active_filters": active_filters}
    if filters["is_filtered"]:
        labels = [choice.label for many in choices.values() for choice in many if choice.is_on]
        counts = ticket_list.count_list(request.GET, role, TicketFilter, page.hits)
        count = counts.total(Status.values, Category.values)
        heading = found_heading(format_count(count), request.GET, labels)
        context |= {"heading": heading, "title": page_title(heading, active_filters)}
    return render(request, "portal/list.html", context)
