"""The queue: every ticket, filtered by the address."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from analytics_gateway.models import Pin
from campus_helpdesk.entrance.guards import helpdesk_required
from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.desk.drilldown import QueueFilter, queue_url, read_origin
from campus_helpdesk.web.desk.sorting import list_orders
from campus_helpdesk.web.shared import ticket_list
from campus_helpdesk.web.shared.active_filters import (
    ORIGIN_FIELDS,
    format_count,
    found_heading,
    list_active_filters,
    page_title,
)
from common.roles import Caller
from django_common.requests import CallerRequest
from tickets.categories import Category
from tickets.filters import DeskFilter
from tickets.lifecycle import Status
from tickets.search import Hits
from tickets.ticket_counters import Count, Counts, count_all

ALL = "All"
NEEDS_REVIEW = {"needs_review": ["true"], "status": [Status.OPEN.value, Status.ACTIVE.value]}
VIEWS: list[tuple[str, dict[str, Any]]] = [
    ("Open", {"status": [Status.OPEN.value]}),
    ("Active", {"status": [Status.ACTIVE.value]}),
    ("Category unsure", NEEDS_REVIEW),
    ("Closed", {"status": [Status.CLOSED.value]}),
    (ALL, {}),
]
VIEW_FIELDS = ("status", "needs_review")
SIDEBAR_FIELDS = (*VIEW_FIELDS, "category", "cursor", "page_size", "ordering", *ORIGIN_FIELDS)


@helpdesk_required
@require_safe
def show_queue(request: CallerRequest) -> HttpResponse:
    page = ticket_list.read_page(request, request.caller, QueueFilter)
    sidebar_links = sidebar(request, page.hits)
    is_view = any(view["is_on"] for view in sidebar_links["views"])
    filters = ticket_list.filter_form(request.GET)
    active_filters = list_active_filters(request.GET, with_view=not is_view)
    heading = queue_heading(
        request.GET,
        sidebar_links,
        has_active_filters=bool(active_filters),
        is_filtered=filters["is_filtered"],
    )
    context = filters | {
        "page": page,
        "sidebar": sidebar_links,
        "selected": unsent_fields(request, reverse("desk:move_many")).getlist("ticket"),
        "has_pins": not filters["is_filtered"] and Pin.objects.exists(),
        "heading": heading,
        "title": page_title(heading, active_filters),
        "active_filters": active_filters,
        "orders": list_orders(request.GET),
        "origin": read_origin(request.GET, sidebar_links["list_count"]),
    }
    return render(request, "desk/queue.html", context)


def queue_heading(
    query: QueryDict, sidebar_links: dict[str, Any], *, has_active_filters: bool, is_filtered: bool
) -> str:
    """The heading: the view and its length, or what was found."""
    labels = [
        choice["label"] for choice in sidebar_links["views"] + sidebar_links["categories"] if choice["is_on"]
    ]
    count = format_count(sidebar_links["list_count"])
    if has_active_filters:
        return found_heading(count, query, [label for label in labels if label != ALL])
    return " · ".join(["Queue", *labels, *([count] if is_filtered else [])])


def sidebar(request: CallerRequest, hits: Hits) -> dict[str, Any]:
    """The views with their counts; the categories are counted within the current view; `list_count` is the
    length of the list.

    A search, a building or dates are kept: the links contain them and the counts respect them. So is the
    order.
    """
    query = ticket_list.without_empty(request.GET)
    others = {name: query.getlist(name) for name in query if name not in SIDEBAR_FIELDS}
    counts = count_tickets(others, request.caller, hits)
    current = {name: query.getlist(name) for name in VIEW_FIELDS if name in query}
    chosen = query.getlist("category")
    kept = others | ({"ordering": query.getlist("ordering")} if "ordering" in query else {})
    views = [view_link(label, kept | view, count_for(counts, view), view == current) for label, view in VIEWS]
    categories = []
    for value, label in Category.choices:
        view = current | {"category": [value]}
        item = view_link(label, kept | view, count_for(counts, view), chosen == [value])
        categories.append(item | {"value": value})
    shown = current | ({"category": chosen} if chosen else {})
    return {"views": views, "categories": categories, "list_count": count_for(counts, shown)}


def count_tickets(others: dict[str, list[str]], reader: Caller, hits: Hits) -> Counts:
    """How many tickets there are of each status, category and `needs_review`: one statement for all links."""
    if not others:
        return count_all()
    return ticket_list.count_list(QueryDict(urlencode(others, doseq=True)), reader, DeskFilter, hits)


def count_for(counts: Counts, query: dict[str, list[str]]) -> Count:
    """The number of tickets that a link with this query shows."""
    statuses, categories = query.get("status", Status.values), query.get("category", Category.values)
    return counts.total(statuses, categories, only_needs_review="needs_review" in query)


def view_link(label: str, query: dict[str, Any], count: Count, is_on: bool) -> dict[str, Any]:
    return {"label": label, "href": queue_url(query), "count": count, "is_on": is_on}


def next_url(request: CallerRequest) -> str:
    """Back to the list with its filters."""
    target = request.POST.get("next", "")
    home = reverse("desk:queue")
    is_safe = target.startswith(home) and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_safe else home
