"""The portal: see what is reported, report, follow a ticket, edit it."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from campus_helpdesk.door.guards import role_required
from campus_helpdesk.door.unsent import read_kept
from campus_helpdesk.pages import edits, lists, talks
from campus_helpdesk.pages.asked import tell_filters
from tickets.actions import open_ticket
from tickets.categories import Category
from tickets.errors import Invalid, KeyReused
from tickets.learning.running import running_model
from tickets.lifecycle import Status
from tickets.texts import LONGEST_TEXT
from tickets.triage import classify

AREA = "portal"
FEWEST_LETTERS = 8


@role_required
@require_GET
def show_list(request: HttpRequest) -> HttpResponse:
    statuses = [s for s in Status.choices if s[0] != Status.CLOSED or request.caller.is_helpdesk]
    page = lists.read_page(request, request.caller)
    context = lists.describe_filters(request.GET) | {
        "page": page,
        "told": tell_filters(request.GET),
        "statuses": lists.make_choices(request.GET, "status", statuses),
        "categories": lists.make_choices(request.GET, "category", Category.choices),
    }
    return render(request, "portal/list.html", context)


@role_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return show_report(request, read_kept(request).dict() | {"key": uuid4().hex})
    values = {name: request.POST.get(name, "") for name in ("description", "building", "room", "key")}
    try:
        ticket = open_ticket(by=request.caller, **values)
    except Invalid as refusal:
        return show_report(request, values, refusal)
    except KeyReused:
        again = "You have reported something with this form already. Send it again to report this too."
        return show_report(request, values | {"key": uuid4().hex}, Invalid({"description": [again]}))
    messages.success(request, f"Ticket {ticket.pk} is reported.")
    return redirect("portal:ticket", ticket.pk)


def show_report(request: HttpRequest, values: dict[str, Any], refusal: Invalid | None = None) -> HttpResponse:
    context = {"values": values, "errors": refusal.errors if refusal else {}, "longest": LONGEST_TEXT}
    return render(request, "portal/report.html", context, status=refusal.status if refusal else 200)


@role_required
@require_POST
def guess_category(request: HttpRequest) -> HttpResponse:
    """Where the text would be filed, while it is typed. Nothing is stored."""
    text = request.POST.get("description", "").strip()[:LONGEST_TEXT]
    verdict = classify(text, running_model()) if len(text) >= FEWEST_LETTERS else None
    return render(request, "portal/_guess.html", {"verdict": verdict})


@role_required
@require_GET
def show_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    return talks.show_ticket(request, talks.find_ticket(request, pk), AREA)


@role_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages_of(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method != "POST":
        return talks.poll_talk(request, pk, AREA)
    return talks.write_message(request, talks.find_ticket(request, pk), AREA)


@role_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edits.show_edit(request, talks.find_ticket(request, pk), AREA)


@role_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    return edits.file_by_person(request, talks.find_ticket(request, pk), AREA)
