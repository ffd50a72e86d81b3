"""From a ticket to the next or previous one of the list from which it was opened."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from rest_framework.exceptions import ValidationError

from campus_helpdesk.web.shared.list_context import carry_list, read_list
from campus_helpdesk.web.shared.ticket_detail import find_ticket
from campus_helpdesk.web.shared.ticket_list import find_reader, find_tickets, without_empty
from common.errors import Invalid
from common.roles import Caller
from django_common.pagination.cursors import Cursor
from django_common.pagination.keyset import cursor_values, read_page
from django_common.problem_details import as_fields
from django_common.requests import CallerRequest
from tickets.filters import TicketFilter
from tickets.models import Ticket
from tickets.paging import read_ordering
from tickets.search import Hits

END_PARAMETER = "at"  # of the list: "first" or "last"
PAGE_FIELDS = ("cursor", "page_size")


def go_to_adjacent(
    request: CallerRequest, pk: int, area: str, filters: type[TicketFilter], *, is_backward: bool
) -> HttpResponse:
    """At the end of the list the same ticket is shown again, and the address says so: reading stores nothing.

    Raises Invalid naming the list's parameter.
    """
    ticket = find_ticket(request, pk)
    query = without_empty(QueryDict(read_list(request)))
    adjacent = find_adjacent(ticket, query, find_reader(request, area), filters, is_backward=is_backward)
    end = {} if adjacent else {END_PARAMETER: "first" if is_backward else "last"}
    address = reverse(f"{area}:ticket", args=[(adjacent or ticket).pk])
    return redirect(carry_list(address, read_list(request), **end))


def find_adjacent(
    ticket: Ticket, query: QueryDict, reader: Caller, filters: type[TicketFilter], *, is_backward: bool
) -> Ticket | None:
    """None at the end of the list. A ticket that has left the list keeps its position between the others."""
    for name in PAGE_FIELDS:
        query.pop(name, None)
    found = find_tickets(query, reader, filters)
    rows = found.rows
    try:
        ordering = read_ordering(query, rows)
    except ValidationError as error:
        raise Invalid(as_fields(error.detail)) from error
    position = find_rank(ticket, found.hits) if "-rank" in ordering else ticket
    if position is None:
        return None
    start = Cursor(cursor_values(position, ordering), is_backward=is_backward)
    return next(iter(read_page(rows, ordering, start, 1).rows), None)


def find_rank(ticket: Ticket, hits: Hits) -> Ticket | None:
    """The ticket with its rank in a search, whatever the other filters; None if it is no hit."""
    return Ticket.objects.matching(hits).filter(pk=ticket.pk).first()
