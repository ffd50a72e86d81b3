"""The secret links of this browser: shown to it again, also when their tickets are closed."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from campus_helpdesk.entrance.browsers import read_browser, remember_browser
from campus_helpdesk.entrance.guards import post_only, role_required
from campus_helpdesk.web.shared.ticket_detail import find_ticket
from django_common.requests import CallerRequest
from tickets.access import link_shows_conversation
from tickets.following.actions import make_link
from tickets.following.models import SecretLink
from tickets.following.queries import own_links
from tickets.following.secrets import derive_secret
from tickets.lifecycle import Status
from tickets.models import Ticket

MAX_CLOSED = 20  # of the list "My reports"


@dataclass(frozen=True)
class ClosedReport:
    """A closed ticket that this browser reported or follows, with the path of its secret link.

    shows_text: whether the link shows more than the closing.
    """

    ticket: Ticket
    path: str
    shows_text: bool


def find_own_address(request: CallerRequest, ticket: Ticket) -> str:
    """The whole address of this browser's secret link to the ticket; empty if it has none."""
    link = own_links(request.caller).filter(ticket=ticket).first()
    return request.build_absolute_uri(make_path(request, link)) if link else ""


def find_closed_path(request: CallerRequest, pk: int) -> str:
    """The path of this browser's secret link to a ticket that the caller no longer sees, or empty."""
    closed = own_links(request.caller).filter(ticket=pk, ticket__status=Status.CLOSED)
    link = None if request.caller.is_helpdesk else closed.first()
    return make_path(request, link) if link else ""


def make_path(request: CallerRequest, link: SecretLink) -> str:
    return reverse("link:ticket", args=[derive_secret(read_browser(request), link.nonce)])


def list_closed(request: CallerRequest) -> list[ClosedReport]:
    """The last closed ones first."""
    links = own_links(request.caller).filter(ticket__status=Status.CLOSED)[:MAX_CLOSED]
    return [
        ClosedReport(link.ticket, make_path(request, link), link_shows_conversation(link.ticket))
        for link in links
    ]


@role_required
@post_only
def make_new_link(request: CallerRequest, pk: int) -> HttpResponse:
    """For a browser that follows the ticket, or whose link was revoked."""
    ticket = find_ticket(request, pk)
    remember_browser(request)
    make_link(ticket, by=request.caller, token=request.new_browser)
    messages.success(request, f"Ticket {pk} has a secret link.")
    return redirect("portal:sent", pk)
