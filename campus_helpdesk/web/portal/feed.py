"""The feed of open reports: what the users' list shows, for programs that cannot choose a role.

Only with PUBLIC_FEEDS: without a role nobody sees a ticket otherwise.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.html import format_html, linebreaks
from django.views.decorators.http import require_safe

from campus_helpdesk.web.shared import ticket_list
from campus_helpdesk.web.shared.atom import Feed, answer_feed, make_feed, make_id
from common.roles import Caller, Role
from django_common.pagination.parameters import refuse_unknown
from tickets.filters import TicketFilter
from tickets.models import Ticket

FILTERS = frozenset({"category", "building"})
MAX_ENTRIES = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # of an empty feed, which nothing has changed
TITLE = "Open reports"


def feed_address(query: QueryDict) -> str:
    """Of the feed with the list's building and categories; empty if there are no feeds."""
    return address_with(reverse("open_feed"), query) if settings.PUBLIC_FEEDS else ""


def address_with(path: str, query: QueryDict) -> str:
    filters = QueryDict(mutable=True)
    for name in sorted(FILTERS):
        if name in query:
            filters.setlist(name, query.getlist(name))
    return f"{path}?{filters.urlencode()}" if filters else path


@require_safe
def show_feed(request: HttpRequest) -> HttpResponse:
    """The newest tickets that users see. Raises Invalid naming the parameter."""
    if not settings.PUBLIC_FEEDS:
        raise Http404
    query = ticket_list.without_empty(request.GET)
    refuse_unknown(query, FILTERS)
    found = ticket_list.find_tickets(query, Caller(Role.USER), TicketFilter).rows
    tickets = list(found.order_by("-opened_at", "-pk")[:MAX_ENTRIES])
    page = address_with(reverse("portal:list"), query)
    updated = max((ticket.modified_at for ticket in tickets), default=EPOCH)
    feed = make_feed(request, TITLE, page, updated, request.build_absolute_uri(page))
    for ticket in tickets:
        add_ticket(feed, request, ticket)
    return answer_feed(request, feed)


def add_ticket(feed: Feed, request: HttpRequest, ticket: Ticket) -> None:
    path = reverse("portal:ticket", args=[ticket.pk])
    facts = [ticket.get_status_display(), ticket.get_category_display(), ticket.location]
    feed.add_item(
        title=f"{ticket.summary} (#{ticket.pk})",
        link=request.build_absolute_uri(path),
        description=linebreaks(ticket.description, autoescape=True)
        + format_html("<p>{}</p>", " · ".join(filter(None, facts))),
        unique_id=make_id(request, ticket),
        pubdate=ticket.opened_at,
        updateddate=ticket.modified_at,
        categories=[ticket.category],
    )
