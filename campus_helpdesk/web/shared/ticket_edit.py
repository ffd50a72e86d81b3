"""Editing a ticket: the version that was seen is sent along, and a conflict shows both texts."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.shared.last_changes import describe_correction
from campus_helpdesk.web.shared.ticket_detail import ticket_links
from common.digits import parse_digits
from common.errors import Invalid
from django_common.requests import CallerRequest
from tickets.actions import correct_category, edit_ticket, refuse_closed
from tickets.categories import Category
from tickets.errors import VersionStale
from tickets.history import has_no_edit_since
from tickets.models import Source, Ticket

TEXTS = ("description", "building", "room")


def read_version(request: CallerRequest) -> int | None:
    """The version from which the form was made; None if it is missing or not a number."""
    return parse_digits(request.POST.get("version", ""), 9)


def read_known_version(request: CallerRequest, ticket: Ticket) -> int | None:
    """The version that an edit may treat as seen: the present one if the ticket was only moved since. A text
    or a category does not undo that it was taken up."""
    seen = read_version(request)
    return ticket.version if seen is not None and has_no_edit_since(ticket, seen) else seen


def read_texts(request: CallerRequest, fields: tuple[str, ...]) -> dict[str, str]:
    return {name: request.POST[name] for name in fields if name in request.POST}


def without_untouched_category(
    request: CallerRequest, ticket: Ticket, texts: dict[str, str]
) -> dict[str, str]:
    """The form always sends the category; unchanged it is not a person's choice."""
    is_same = texts.get("category") == request.POST.get("category_seen", ticket.category)
    return {name: text for name, text in texts.items() if not (is_same and name == "category")}


def show_edit(
    request: CallerRequest, ticket: Ticket, area: str, fields: tuple[str, ...] = TEXTS
) -> HttpResponse:
    """The edit form (GET) and its response (POST): 302, 400 with the fields named, 412 with both texts."""
    if request.method != "POST":
        saved = {name: getattr(ticket, name) for name in fields}
        return show_form(request, ticket, area, saved | unsent_fields(request).dict())
    texts = read_texts(request, fields)
    changes = without_untouched_category(request, ticket, texts)
    try:
        edit_ticket(ticket, by=request.caller, version=read_known_version(request, ticket), changes=changes)
    except VersionStale as stale:
        return show_conflict(request, stale.current, area, texts, changes)
    except Invalid as refusal:
        return show_form(request, ticket, area, texts, refusal)
    messages.success(request, f"Ticket {ticket.pk} was saved.", extra_tags=request.path)
    return redirect(ticket_links(request, ticket, area)["ticket"])


def show_form(
    request: CallerRequest, ticket: Ticket, area: str, values: dict[str, Any], refusal: Invalid | None = None
) -> HttpResponse:
    refuse_closed(ticket, by=request.caller)
    context = {
        "ticket": ticket,
        "links": ticket_links(request, ticket, area),
        "values": values,
        "categories": Category.choices if "category" in values else [],
        "errors": refusal.errors if refusal else {},
        "is_typed": bool(refusal or unsent_fields(request)),
    }
    return render(request, "portal/edit.html", context, status=refusal.status if refusal else 200)


def show_conflict(
    request: CallerRequest, current: Ticket, area: str, texts: dict[str, str], changes: dict[str, str]
) -> HttpResponse:
    """Both texts side by side; saving again names the version shown as saved.

    A category that the writer did not change is the saved one: no correction is undone.
    """
    entered = texts | ({"category": changes.get("category", current.category)} if "category" in texts else {})
    context = {
        "ticket": current,
        "links": ticket_links(request, current, area),
        "values": entered,
        "categories": Category.choices if "category" in entered else [],
    }
    return render(request, "portal/conflict.html", context, status=VersionStale.status)


def correct_from_form(request: CallerRequest, ticket: Ticket, area: str) -> HttpResponse:
    """One click that chooses the category; if a person has already chosen the same one, the notice says so.

    Raises what correct_category raises.
    """
    category, seen = request.POST.get("category", ""), read_known_version(request, ticket)
    try:
        correct_category(ticket, by=request.caller, category=category, version=seen)
        has_changed = ticket.version != seen
    except VersionStale as stale:
        ticket, has_changed = stale.current, False
        if (ticket.category, ticket.category_source) != (category, Source.PERSON):
            raise
    label = Category(ticket.category).label
    if has_changed:
        messages.success(request, f"Ticket {ticket.pk} is now in category {label}.")
    else:
        chosen_before = describe_correction(ticket, request.caller)
        messages.info(request, f"Ticket {ticket.pk} is already in category {label}: {chosen_before}.")
    return redirect(ticket_links(request, ticket, area)["ticket"])
