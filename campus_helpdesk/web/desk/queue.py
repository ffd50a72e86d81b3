"""The queue: every ticket, filtered by the address."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from analytics_gateway.models import Pin
from campus_helpdesk.entrance.guards import helpdesk_required
from campus_helpdesk.entrance.unsent import read_kept
from campus_helpdesk.web.desk.drilldown import QueueFilter, link_list, read_origin
from campus_helpdesk.web.shared import ticket_list
from campus_helpdesk.web.shared.active_filters import (
    ORIGIN,
    count_in_words,
    describe_found,
    describe_title,
    tell_filters,
)
from common.roles import Caller
from tickets.categories import Category
from tickets.filters import DeskFilter
from tickets.lifecycle import Status
from tickets.search import Hits
from tickets.ticket_counters import Count, Counts, count_all

ALL = "All"
TO_CHECK = {"needs_review": ["true"], "status": [Status.OPEN.value, Status.ACTIVE.value]}
VIEWS: list[tuple[str, dict[str, Any]]] = [
    ("Open", {"status": [Status.OPEN.value]}),
    ("Active", {"status": [Status.ACTIVE.value]}),
    ("Please check", TO_CHECK),
    ("Closed", {"status": [Status.CLOSED.value]}),
    (ALL, {}),
]
VIEW_FIELDS = ("status", "needs_review")
RAIL_FIELDS = (*VIEW_FIELDS, "category", "cursor", "page_size", "ordering", *ORIGIN)


@helpdesk_required
@require_safe
def show_queue(request: HttpRequest) -> HttpResponse:
    page = ticket_list.read_page(request, request.caller, QueueFilter)
    rail = make_rail(request, page.hits)
    is_view = any(view["is_on"] for view in rail["views"])
    filters = ticket_list.describe_filters(request.GET)
    told = tell_filters(request.GET, with_view=not is_view)
    heading = describe_queue(request.GET, rail, is_told=bool(told), is_filtered=filters["is_filtered"])
    context = filters | {
        "page": page,
        "rail": rail,
        "selected": read_kept(request, reverse("desk:move_many")).getlist("ticket"),
        "has_pins": not filters["is_filtered"] and Pin.objects.exists(),
        "heading": heading,
        "title": describe_title(heading, told),
        "told": told,
        "origin": read_origin(request.GET, rail["listed"]),
    }
    return render(request, "desk/queue.html", context)


def describe_queue(asked: QueryDict, rail: dict[str, Any], *, is_told: bool, is_filtered: bool) -> str:
    """The heading: the view and its length, or what was found."""
    labels = [choice["label"] for choice in rail["views"] + rail["categories"] if choice["is_on"]]
    count = count_in_words(rail["listed"])
    if is_told:
        return describe_found(count, asked, [label for label in labels if label != ALL])
    return " · ".join(["Queue", *labels, *([count] if is_filtered else [])])


def make_rail(request: HttpRequest, hits: Hits) -> dict[str, Any]:
    """The views with their counts; the categories are counted within the current view; `listed` is the length
    of the list.

    A search, a building or dates are kept: the links contain them and the counts respect them.
    """
    asked = ticket_list.without_empty(request.GET)
    others = {name: asked.getlist(name) for name in asked if name not in RAIL_FIELDS}
    counts = count_tickets(others, request.caller, hits)
    now = {name: asked.getlist(name) for name in VIEW_FIELDS if name in asked}
    chosen = asked.getlist("category")
    views = [link(label, others | query, count_for(counts, query), query == now) for label, query in VIEWS]
    categories = []
    for value, label in Category.choices:
        query = now | {"category": [value]}
        item = link(label, others | query, count_for(counts, query), chosen == [value])
        categories.append(item | {"value": value})
    shown = now | ({"category": chosen} if chosen else {})
    return {"views": views, "categories": categories, "listed": count_for(counts, shown)}


def count_tickets(others: dict[str, list[str]], caller: Caller, hits: Hits) -> Counts:
    """How many tickets there are of each status, category and doubt: one statement for all links."""
    if not others:
        return count_all()
    return ticket_list.count_list(QueryDict(urlencode(others, doseq=True)), caller, DeskFilter, hits)


def count_for(counts: Counts, query: dict[str, list[str]]) -> Count:
    """The number of tickets that a link with this query shows."""
    statuses, categories = query.get("status", Status.values), query.get("category", Category.values)
    return counts.total(statuses, categories, only_needs_review="needs_review" in query)


def link(label: str, query: dict[str, Any], count: Count, is_on: bool) -> dict[str, Any]:
    return {"label": label, "href": link_list(query), "count": count, "is_on": is_on}


def read_next(request: HttpRequest) -> str:
    """Back to the list with its filters."""
    target = request.POST.get("next", "")
    home = reverse("desk:queue")
    is_ours = target.startswith(home) and url_has_allowed_host_and_scheme(target, allowed_hosts=None)
    return target if is_ours else home
