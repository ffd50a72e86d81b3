"""News of a ticket by mail: the address, on the pages of who follows it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from campus_helpdesk.entrance.guards import post_only, role_required
from campus_helpdesk.web.shared.mail_news import describe_confirmation, find_mail_state
from campus_helpdesk.web.shared.ticket_detail import find_ticket, show_ticket, ticket_links
from common.errors import Invalid
from django_common.requests import CallerRequest
from notifications.subscriptions import subscribe_browser


@role_required
@post_only
def ask_for_mail(request: CallerRequest, pk: int) -> HttpResponse:
    ticket, address = find_ticket(request, pk), request.POST.get("email", "")
    try:
        subscribe_browser(ticket, by=request.caller, address=address)
    except Invalid as refusal:
        extra = {"errors": refusal.errors, "typed_email": address}
        return show_ticket(request, ticket, "portal", status=refusal.status, **extra)
    # Of an address that somebody else gave it says nothing: nobody may find out who gets news.
    messages.success(request, find_mail_state(ticket, by=request.caller) or describe_confirmation())
    return redirect(ticket_links(request, ticket, "portal")["ticket"])
