"""A list of tickets as a page shows it: filtered by the address, paged by a cursor, with who wrote last."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import QueryDict
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from campus_helpdesk.web.shared.active_filters import without_filters
from common.errors import Invalid
from common.roles import Caller, Role
from django_common.pagination.cursors import Cursor
from django_common.pagination.keyset import KeysetPage
from django_common.problem_details import as_fields
from django_common.requests import CallerRequest
from messaging.models import Message
from tickets.filters import TicketFilter
from tickets.following.models import Follower
from tickets.following.queries import find_followed
from tickets.models import Ticket
from tickets.paging import TicketPagination
from tickets.search import Hits, is_any_opened_since
from tickets.ticket_counters import MAX_COUNTED, MAX_COUNTED_IN_SCAN, Counts, count_up_to

# Whose tickets an area lists: the portal shows the helpdesk what users see.
LIST_ROLES = {"portal": Role.USER, "desk": Role.HELPDESK}
Filters = type[TicketFilter]
DATES, DATE_LENGTH = ("opened_after", "opened_until"), len("2026-03-31")


@dataclass(frozen=True)
class ConversationSummary:
    """The messages under a ticket: their number, who wrote the last one and when (None: there is none).

    Notes do not count: at the desk `notes` has their number.
    """

    count: int
    notes: int
    author_role: str = ""
    author_name: str = ""
    sent_at: datetime | None = None


@dataclass
class Page:
    """One page of tickets; next and previous are addresses, empty at the ends; query is this page's own.

    conversations, followed: by ticket id, followed only those that the browser follows. hits: what a search
    found.
    """

    tickets: list[Ticket]
    conversations: dict[int, ConversationSummary]
    followed: dict[int, Follower]
    next: str
    previous: str
    query: str
    hits: Hits


class FullPagePagination(TicketPagination):
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


def find_reader(request: CallerRequest, area: str) -> Caller:
    """The caller as the reader of an area's list."""
    return replace(request.caller, role=LIST_ROLES[area])


def read_page(request: CallerRequest, reader: Caller, filters: Filters = TicketFilter) -> Page:
    """The page that the address names. Raises Invalid naming the parameter."""
    request.GET = without_empty(request.GET)  # type: ignore[assignment]  # the stubs want it immutable
    pager = FullPagePagination()
    try:
        found, tickets = read_tickets(request, reader, filters, pager)
    except ValidationError as error:
        raise Invalid(as_fields(error.detail)) from error
    conversations = summarize_conversations(tickets, reader.role)
    followed = find_followed(tickets, by=reader)
    following, before = query_of_link(pager.get_next_link()), query_of_link(pager.get_previous_link())
    return Page(tickets, conversations, followed, following, before, request.GET.urlencode(), found.hits)


def read_tickets(
    request: CallerRequest, reader: Caller, filters: Filters, pager: TicketPagination
) -> tuple[TicketFilter, list[Ticket]]:
    """What was found, and the tickets of the page. For the first page of a search the newest tickets are
    enough if no other one belongs before the page's last."""
    found = find_tickets(request.GET, reader, filters)
    found.newest_only = set(request.GET) == {"q"}
    tickets = pager.paginate_queryset(found.rows, Request(request))
    first_id = found.hits.newest_from
    if first_id and is_any_opened_since(tickets[-1].opened_at, before_id=first_id):
        found = find_tickets(request.GET, reader, filters)
        tickets = pager.paginate_queryset(found.rows, Request(request))
    return found, tickets


def count_list(query: QueryDict, reader: Caller, filters: Filters, hits: Hits) -> Counts:
    """How long the list is on all its pages; hits: what its text found."""
    others = without_filters(query, "q", *filters.not_filters)
    tickets = find_tickets(others, reader, filters).rows
    if "q" not in query:
        return count_up_to(tickets, MAX_COUNTED)
    if not hits.scan_query:
        return count_up_to(tickets.matching(hits), MAX_COUNTED_IN_SCAN if hits.newest_from else MAX_COUNTED)
    matching = tickets.matching(hits) if others else tickets.some_matching(hits, MAX_COUNTED_IN_SCAN + 1)
    return count_up_to(matching, MAX_COUNTED_IN_SCAN)


def find_tickets(query: QueryDict, reader: Caller, filters: Filters) -> TicketFilter:
    """Of the tickets that the reader may see, those that match a query."""
    visible = Ticket.objects.visible_to(reader.role)
    return filters(query, queryset=visible, role=reader.role, browser=reader.browser)


def without_empty(query: QueryDict) -> QueryDict:
    """A form sends its empty fields too: they mean nothing. A date that was filled in replaces the exact time
    that the form carries; a last day replaces `opened_before`, which no form sends."""
    filled_in = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value for value in values if value]:
            filled_in.setlist(name, filled[-1:] if name in DATES else filled)
    if "opened_until" in filled_in:
        filled_in.pop("opened_before", None)
    return filled_in


def query_of_link(link: str | None) -> str:
    """Only the query of a pager's link: the page's own address stays the same."""
    return f"?{urlsplit(link).query}" if link else ""


def summarize_conversations(tickets: Sequence[Ticket], role: Role) -> dict[int, ConversationSummary]:
    if not tickets:  # building the statement that is not sent would be a tenth of an empty page
        return {}
    rows = last_messages(role).filter(pk__in=[ticket.pk for ticket in tickets])
    return {row["pk"]: summarize_conversation(row) for row in rows}


def summarize_conversation(row: Mapping[str, Any]) -> ConversationSummary:
    last = row["last"]
    if last is None:
        return ConversationSummary(row["count"], row["notes"])
    sent_at = datetime.fromisoformat(last["sent_at"])
    return ConversationSummary(row["count"], row["notes"], last["author_role"], last["author_name"], sent_at)


@cache
def last_messages(role: Role) -> QuerySet[Ticket, Mapping[str, Any]]:
    """For every ticket its number of messages and of notes, and the last message that is not a note, if any.
    Built once, which takes longer than the query.

    Looked up ticket by ticket: while an import fills the table, the planner takes it for nearly empty and
    would read all of it.
    """
    messages = Message.objects.visible_to(role).filter(ticket=OuterRef("pk"))
    public = messages.filter(is_internal=False)
    last = public.order_by("-sent_at", "-id").values(
        last=JSONObject(author_role="author_role", author_name="author_name", sent_at="sent_at")
    )
    return Ticket.objects.order_by().values(
        "pk",
        count=_count(public),
        notes=_count(messages.filter(is_internal=True)),
        last=Subquery(last[:1]),
    )


def _count(messages: QuerySet[Message]) -> Coalesce:
    rows = messages.order_by().values("ticket").values(number=Count("pk"))
    return Coalesce(Subquery(rows), 0)


def make_choices(query: QueryDict, field: str, labels: Iterable[tuple[str, str]]) -> list[Choice]:
    """One chip per value: a click adds it to the address, another one removes it."""
    chosen = query.getlist(field)
    return [Choice(value, label, toggle(query, field, value), value in chosen) for value, label in labels]


def toggle(query: QueryDict, field: str, value: str) -> str:
    toggled = without_filters(query)
    chosen = toggled.getlist(field)
    toggled.setlist(field, [v for v in chosen if v != value] if value in chosen else [*chosen, value])
    return f"?{toggled.urlencode()}"


def filter_form(query: QueryDict) -> dict[str, Any]:
    """For the templates, for valid filters: what is active, and what a form must carry on, with the order.

    An exact time does not fit into a form's date: it is carried on until a date is filled in.
    """
    form = {name: query.get(name, "") for name in ("q", "building", *DATES)}
    exact = [(name, form[name]) for name in DATES if len(form[name]) > DATE_LENGTH]
    others = [
        name for name in without_filters(query) if name not in form and name not in TicketFilter.not_filters
    ]
    hidden_fields = exact + [(name, value) for name in others for value in query.getlist(name)]
    return {
        "form_values": form,
        "hidden_fields": hidden_fields + [("ordering", value) for value in query.getlist("ordering")],
        "is_filtered": bool(hidden_fields) or any(form.values()),
    }
