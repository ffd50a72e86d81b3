"""Merging duplicates at the desk: proposals, the form that merges, and the one that takes it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.web.shared import ticket_detail
from common.digits import parse_digits
from common.errors import Invalid
from django_common.requests import CallerRequest
from tickets.actions import refuse_closed
from tickets.duplicates.merging import merge_ticket, unmerge_ticket
from tickets.duplicates.similar import propose_merges
from tickets.models import Ticket


@helpdesk_required
@require_safe
def propose(request: CallerRequest, pk: int) -> HttpResponse:
    """Tickets that are very probably about the same problem, loaded by the ticket's page; a page of its own
    without JavaScript."""
    ticket = ticket_detail.find_ticket(request, pk)
    context = {
        "ticket": ticket,
        "links": ticket_detail.ticket_links(request, ticket, "desk"),
        "proposed": [] if ticket.is_closed else propose_merges(ticket),
    }
    page = "desk/_proposals.html" if request.htmx else "desk/proposals.html"
    return render(request, page, context)


@helpdesk_required
@post_only
def merge(request: CallerRequest, pk: int) -> HttpResponse:
    duplicate = ticket_detail.find_ticket(request, pk)
    refuse_closed(duplicate, by=request.caller)
    kept = read_kept(request)
    merge_ticket(duplicate, into=kept, by=request.caller)
    messages.success(request, f"Ticket {duplicate.pk} is closed as a duplicate of ticket {kept.pk}.")
    return redirect(ticket_detail.ticket_links(request, kept, "desk")["ticket"])


@helpdesk_required
@post_only
def unmerge(request: CallerRequest, pk: int) -> HttpResponse:
    duplicate = ticket_detail.find_ticket(request, pk)
    kept = unmerge_ticket(duplicate, by=request.caller, reason=request.POST.get("reason", ""))
    message = f"Ticket {pk} is {duplicate.status} again, and no duplicate of ticket {kept.pk}."
    messages.success(request, message)
    return redirect(ticket_detail.ticket_links(request, duplicate, "desk")["ticket"])


def read_kept(request: CallerRequest) -> Ticket:
    """Raises Invalid."""
    number = parse_digits(request.POST.get("into", "").strip().removeprefix("#"), 18)
    ticket = Ticket.objects.visible_to(request.caller.role).filter(pk=number or 0).first()
    if ticket is None:
        raise Invalid({"into": ["There is no ticket with this number."]})
    return ticket
