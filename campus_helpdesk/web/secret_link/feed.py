"""The feed of a ticket by its secret link: what the link's page shows, entry by entry."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import linebreaks
from django.views.decorators.http import require_safe

from campus_helpdesk.web.secret_link.guards import link_holder, link_required
from campus_helpdesk.web.shared.atom import answer_feed, make_feed, make_id
from campus_helpdesk.web.shared.ticket_detail import MAX_SHOWN, read_messages
from tickets.access import link_shows_conversation
from tickets.following.models import SecretLink
from tickets.history import find_opener_role
from tickets.models import Ticket

AUTHORS = {"helpdesk": "The helpdesk", "user": "A user"}


@require_safe
@link_required
def show_feed(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    """Under the same rules as the page; asking for it is not reading: it marks nothing as seen."""
    ticket, page = link.ticket, reverse("link:ticket", args=[secret])
    shows_conversation = link_shows_conversation(ticket)
    title = f"{ticket.summary} (#{ticket.pk})" if shows_conversation else f"Ticket {ticket.pk}"
    updated = ticket.modified_at if shows_conversation else ticket.closed_at or ticket.modified_at
    feed = make_feed(request, title, page, updated, make_id(request, ticket))
    for name, moment, entry in list_entries(link, shows_conversation=shows_conversation):
        feed.add_item(
            link=request.build_absolute_uri(f"{page}#{name}"),
            unique_id=make_id(request, ticket, name),
            pubdate=moment,
            updateddate=moment,
            **entry,
        )
    return answer_feed(request, feed)


def list_entries(
    link: SecretLink, *, shows_conversation: bool
) -> Iterator[tuple[str, datetime, dict[str, Any]]]:
    """A name, a moment and the content of each entry, the newest first."""
    ticket = link.ticket
    if ticket.closed_at:
        yield "closed", ticket.closed_at, {"title": "Closed by the helpdesk", "description": ""}
    if not shows_conversation:
        return
    messages, _ = read_messages([ticket], link_holder(link), MAX_SHOWN)
    for message in reversed(messages):
        author = name_author(message.author_name, message.author_role)
        yield f"message-{message.pk}", message.sent_at, describe(author, "wrote", message.body)
    yield "report", ticket.opened_at, describe_report(ticket)


def describe_report(ticket: Ticket) -> dict[str, Any]:
    author = name_author(ticket.opener_name, find_opener_role(ticket))
    return describe(author, "reported", ticket.description)


def describe(author: str, verb: str, text: str) -> dict[str, Any]:
    return {
        "title": f"{author} {verb}",
        "author_name": author,
        "description": linebreaks(text, autoescape=True),
    }


def name_author(name: str, role: str) -> str:
    """As on pages: the role beside a name exposes a user who calls himself Helpdesk."""
    return f"{name} ({role})" if name else AUTHORS.get(role, AUTHORS["user"])
