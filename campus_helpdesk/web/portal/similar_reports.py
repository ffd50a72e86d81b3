"""What others have reported already: shown while somebody reports a problem, and joined instead."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from campus_helpdesk.entrance.browsers import remember_browser
from campus_helpdesk.entrance.guards import post_only, role_required
from campus_helpdesk.web.portal.suggested_category import suggest_category
from campus_helpdesk.web.shared import ticket_detail
from campus_helpdesk.web.shared.photos import describe_strip, receive_photos
from common.roles import Role
from django_common.requests import CallerRequest
from django_common.text_validation import MAX_LOCATION_LENGTH, MAX_TEXT_LENGTH
from tickets.duplicates.me_too import say_me_too
from tickets.duplicates.reading import Report
from tickets.duplicates.similar import Similar, find_similar
from tickets.idempotency import is_key_used
from tickets.models import Ticket

LIMITS = {"description": MAX_TEXT_LENGTH, "building": MAX_LOCATION_LENGTH, "room": MAX_LOCATION_LENGTH}


def find_reported(values: Mapping[str, str]) -> Sequence[Similar]:
    """At most three tickets that users see; none for a text that is too short to say anything."""
    text, building, room = (
        values.get(name, "").replace("\x00", "").strip()[:limit] for name, limit in LIMITS.items()
    )
    verdict = suggest_category(text)
    if verdict is None:
        return []
    report = Report(text, building, room, verdict.category)
    return find_similar(report, Ticket.objects.visible_to(Role.USER))


def find_unseen(request: CallerRequest, values: Mapping[str, str]) -> Sequence[Similar]:
    """What to ask about before a report is sent; nothing if the form showed all of it, or it was sent before.

    Nothing without a form's key either, as from programs, nor of a report that was written without a network
    and is sent later: nobody is there who could be asked.
    """
    key, seen = values["key"].strip(), request.POST.getlist("seen")
    if not key or "Sent-Later" in request.headers or is_key_used(request.caller, key):
        return []
    similar = find_reported(values)
    return similar if any(str(one.ticket.pk) not in seen for one in similar) else []


@role_required
@post_only
def show_similar(request: CallerRequest) -> HttpResponse:
    """What others reported of the same problem, while it is typed. Nothing is stored."""
    return render(request, "portal/_similar.html", {"similar": find_reported(request.POST)})


@role_required
@post_only
def me_too(request: CallerRequest, pk: int) -> HttpResponse:
    """What was typed so far is offered as a message, with its photos."""
    ticket = ticket_detail.find_ticket(request, pk)
    remember_browser(request)
    say_me_too(ticket, by=request.caller)
    messages.success(request, f"You have joined ticket {pk}: it counts that you have this problem, too.")
    typed = request.POST.get("description", "")
    key, refused = receive_photos(request, request.POST.get("key", ""), by=request.caller)
    strip = describe_strip(request.caller, key, refused)
    if typed.strip() or strip["staged"] or refused:
        key = key or uuid4().hex
        return ticket_detail.show_ticket(request, ticket, "portal", typed=typed, key=key, **strip)
    return redirect(ticket_detail.ticket_links(request, ticket, "portal")["ticket"])
