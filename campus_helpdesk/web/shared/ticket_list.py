"""A list of tickets as a page shows it: filtered by the address, paged by a cursor, with who wrote last."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, F, Q, QuerySet, Window
from django.http import HttpRequest, QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from campus_helpdesk.web.shared.active_filters import without
from common.errors import invalid_from
from common.roles import Caller
from django_common.pagination.cursors import Cursor
from django_common.pagination.keyset import KeysetPage
from messaging.models import Message
from tickets.filters import TicketFilter
from tickets.models import Ticket
from tickets.paging import TicketPage
from tickets.search import Hits
from tickets.ticket_counters import MAX_COUNTED_IN_SCAN, MOST_COUNTED, Counts, count_up_to

DATES, LONGEST_DATE = ("opened_after", "opened_until"), len("2026-03-31")


@dataclass
class Page:
    """One page of tickets; next and previous are addresses, empty at the ends; query is this page's own.

    hits: what a search found. rows: the tickets of all pages, for counting.
    """

    tickets: list[Ticket]
    next: str
    previous: str
    query: str
    hits: Hits


class FullPage(TicketPage):
    """For people: the first page is full, and none is empty while the list is not."""

    def read(self, queryset: QuerySet[Ticket], cursor: Cursor | None, size: int) -> KeysetPage:
        page = super().read(queryset, cursor, size)
        is_short_start = cursor is not None and cursor.is_backward and not page.previous
        if is_short_start and len(page.rows) < size:
            return super().read(queryset, None, size)
        if not page.rows and page.previous:
            return super().read(queryset, page.previous, size)
        return page


@dataclass(frozen=True)
class Choice:
    """A filter that is a link: its address, and whether it is active."""

    value: str
    label: str
    href: str
    is_on: bool


def read_page(request: HttpRequest, caller: Caller, filters: type[TicketFilter] = TicketFilter) -> Page:
    """The page that the address names. Raises Invalid naming the parameter."""
    request.GET = without_empty(request.GET)
    found = find_tickets(request.GET, caller, filters)
    pager = FullPage()
    try:
        tickets = pager.paginate_queryset(found.rows, Request(request))
    except ValidationError as error:
        raise invalid_from(error.detail) from error
    add_last_words(tickets, caller)
    following, before = as_query(pager.get_next_link()), as_query(pager.get_previous_link())
    return Page(tickets, following, before, request.GET.urlencode(), found.hits)


def count_list(asked: QueryDict, caller: Caller, filters: type[TicketFilter], hits: Hits) -> Counts:
    """How long the list is on all its pages; hits: what its text found."""
    others = without(asked, "q", *filters.not_filters)
    tickets = find_tickets(others, caller, filters).rows
    if "q" not in asked:
        return count_up_to(tickets, MOST_COUNTED)
    if not hits.scan_query:
        return count_up_to(tickets.matching(hits), MOST_COUNTED)
    narrowed = tickets.matching(hits) if others else tickets.some_matching(hits, MAX_COUNTED_IN_SCAN + 1)
    return count_up_to(narrowed, MAX_COUNTED_IN_SCAN)


def find_tickets(asked: QueryDict, caller: Caller, filters: type[TicketFilter]) -> TicketFilter:
    """Of the tickets that the caller may see, those that match a query."""
    return filters(asked, queryset=Ticket.objects.visible_to(caller.role), role=caller.role)


def without_empty(asked: QueryDict) -> QueryDict:
    """A form sends its empty fields too: they mean nothing. A date that was filled in replaces the exact time
    that the form carries; a last day replaces `opened_before`, which no form sends."""
    given = QueryDict(mutable=True)
    for name, values in asked.lists():
        if filled := [value for value in values if value]:
            given.setlist(name, filled[-1:] if name in DATES else filled)
    if "opened_until" in given:
        given.pop("opened_before", None)
    return given


def as_query(link: str | None) -> str:
    """Only the query of a pager's link: the page's own address stays the same."""
    return f"?{urlsplit(link).query}" if link else ""


def add_last_words(tickets: Iterable[Ticket], caller: Caller) -> None:
    """Sets `last` on each ticket: the number of messages, who wrote the last one and when; None without
    messages. Notes do not count: at the desk `notes` has their number."""
    words = last_words(caller.role).filter(ticket__in=[ticket.pk for ticket in tickets])
    by_ticket = {word["ticket_id"]: word for word in words}
    for ticket in tickets:
        word = by_ticket.get(ticket.pk)
        ticket.last = word if word and word["count"] else None
        ticket.notes = word["notes"] if word else 0


@cache
def last_words(role: str) -> QuerySet[Message, dict[str, Any]]:
    """For every ticket with messages: the last one that is not a note, if any. Built once, which takes longer
    than the query."""
    return (
        Message.objects.visible_to(role)
        .annotate(
            count=Window(Count("id", filter=Q(is_internal=False)), partition_by=[F("ticket_id")]),
            notes=Window(Count("id", filter=Q(is_internal=True)), partition_by=[F("ticket_id")]),
        )
        .order_by("ticket_id", "is_internal", "-sent_at", "-id")
        .distinct("ticket_id")
        .values("ticket_id", "count", "notes", "author_role", "author_name", "sent_at")
    )


def make_choices(asked: QueryDict, field: str, labels: Iterable[tuple[str, str]]) -> list[Choice]:
    """One chip per value: a click adds it to the address, another one removes it."""
    chosen = asked.getlist(field)
    return [Choice(value, label, toggle(asked, field, value), value in chosen) for value, label in labels]


def toggle(asked: QueryDict, field: str, value: str) -> str:
    query = without(asked)
    chosen = query.getlist(field)
    query.setlist(field, [v for v in chosen if v != value] if value in chosen else [*chosen, value])
    return f"?{query.urlencode()}"


def describe_filters(asked: QueryDict) -> dict[str, Any]:
    """For the templates, for valid filters: what is active, and what a form must carry on.

    An exact time does not fit into a form's date: it is carried on until somebody fills in a date.
    """
    form = {name: asked.get(name, "") for name in ("q", "building", *DATES)}
    exact = [(name, form[name]) for name in DATES if len(form[name]) > LONGEST_DATE]
    others = [name for name in without(asked) if name not in form and name not in TicketFilter.not_filters]
    carried = exact + [(name, value) for name in others for value in asked.getlist(name)]
    return {"asked": form, "carried": carried, "is_filtered": bool(carried) or any(form.values())}
