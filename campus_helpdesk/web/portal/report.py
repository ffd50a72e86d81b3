"""Reporting: the form, the category while it is filled in, and what a form has created already."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from campus_helpdesk.entrance.browsers import remember_browser
from campus_helpdesk.entrance.guards import post_only, role_required
from campus_helpdesk.entrance.names import read_renamed, remember_name
from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.portal.own_links import find_closed_path, find_own_address
from campus_helpdesk.web.portal.similar_reports import find_unseen
from campus_helpdesk.web.portal.suggested_category import suggest_category
from campus_helpdesk.web.shared.mail_news import find_mail_state
from campus_helpdesk.web.shared.photos import describe_strip, receive_photos, wants_removal
from campus_helpdesk.web.shared.place_options import read_location, suggest_places
from campus_helpdesk.web.shared.qr_code import draw_qr_code
from campus_helpdesk.web.shared.ticket_detail import find_ticket
from common.errors import Invalid
from django_common.requests import CallerRequest
from django_common.retry import retry_on_deadlock
from django_common.text_validation import MAX_TEXT_LENGTH, fold_line
from messaging.attachments.actions import rename_key
from notifications.subscriptions import subscribe_browser
from tickets.access import can_see
from tickets.actions import open_ticket
from tickets.answer_times import find_usual_answer
from tickets.categories import Category
from tickets.errors import KeyReused
from tickets.following.actions import make_link
from tickets.following.queries import find_followed
from tickets.idempotency import find_repeated, form_reports, is_key_used
from tickets.models import Ticket

JUST_SENT = timedelta(hours=1)
FIELDS = ("description", "building", "room", "key")
FORM_FIELDS = (*FIELDS, "category", "name", "email")


@role_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: CallerRequest) -> HttpResponse:
    if request.method != "POST":
        return show_form_or_sent(request)
    values = {name: request.POST.get(name, "") for name in FORM_FIELDS}
    remember_browser(request)
    if wants_removal(request, by=request.caller):
        return show_report(request, values)
    values["key"], refused = receive_photos(request, values["key"], by=request.caller)
    if refused:
        return show_report(request, values, status=400, refused=refused)
    fields = {name: values[name] for name in FIELDS}
    try:
        request.caller = read_renamed(request)
        if not request.POST.get("again") and (earlier := find_repeated(by=request.caller, **fields)):
            return show_report(request, values, status=409, repeated=earlier)
        if not request.POST.get("again") and (similar := find_unseen(request, values)):
            return show_report(request, values, status=409, similar=similar, is_asked=True)
        ticket = send_report(request, fields | {"category": values["category"]}, values["email"].strip())
    except Invalid as refusal:
        return show_report(request, values, status=refusal.status, errors=refusal.errors)
    except KeyReused:
        again = "This form has already been used for a report. Send it again to report this as well."
        values["key"], used = uuid4().hex, values["key"]
        rename_key(by=request.caller, old=used, new=values["key"])
        return show_report(request, values, status=400, errors={"description": [again]})
    remember_name(request)
    messages.success(request, f"Thank you. Your report is ticket {ticket.pk}.", extra_tags=request.path)
    return redirect("portal:sent", ticket.pk)


@retry_on_deadlock
def send_report(request: CallerRequest, values: dict[str, Any], address: str) -> Ticket:
    """The new ticket with the secret link of this browser, and news of it to an address that was given.
    Raises Invalid, KeyReused."""
    ticket = open_ticket(by=request.caller, **values)
    if can_see(request.caller, ticket):  # not if the form was sent before, and it is closed by now
        make_link(ticket, by=request.caller, token=request.new_browser)
        if address:
            subscribe_browser(ticket, by=request.caller, address=address)
    return ticket


@role_required
@require_safe
def show_sent(request: CallerRequest, pk: int) -> HttpResponse:
    """What was sent, and the secret link of a browser that reported or follows the ticket. If it is closed by
    now, the link shows it, as after a form that is sent again because its answer was lost."""
    if path := find_closed_path(request, pk):
        return redirect(path)
    return render_sent(request, find_ticket(request, pk))


def render_sent(request: CallerRequest, ticket: Ticket) -> HttpResponse:
    address = find_own_address(request, ticket)
    context = {
        "ticket": ticket,
        "follower": find_followed([ticket], by=request.caller).get(ticket.pk),
        "mail_state": find_mail_state(ticket, by=request.caller),
        "has_reported": request.caller.session == ticket.opener,
        "usual": find_usual_answer(ticket.category, ticket.building),
        "address": address,
        "qr_code": draw_qr_code(address, "The secret link as a QR code") if address else "",
    }
    return render(request, "portal/sent.html", context)


def show_form_or_sent(request: CallerRequest) -> HttpResponse:
    """An address with its form's key shows what was sent with it, as after the browser's Back. A form gets a
    key under which nothing was sent: what was sent may be closed by now and hidden."""
    sent, key = form_reports(request.caller), request.GET.get("key", "")
    if key and (row := sent.filter(key=key).first()) and row.ticket:
        return render_sent(request, row.ticket)
    values = read_location(request.GET) | unsent_fields(request).dict()
    key = str(values.get("key") or key)
    is_free = key.isalnum() and len(key) == 32 and not is_key_used(request.caller, key)
    values["key"] = key if is_free else uuid4().hex
    last = sent.filter(created_at__gt=Now() - JUST_SENT).first()
    return show_report(request, values, last=last)


def show_report(
    request: CallerRequest,
    values: dict[str, Any],
    *,
    status: int = 200,
    refused: Sequence[str] = (),
    **extra: Any,
) -> HttpResponse:
    """refused: a sentence for each photo that was not taken. extra: `errors` by field; `last`, what this
    session has just reported; `repeated`, the earlier report with the same text; `similar`,
    what others reported, and whether that `is_asked` before it is sent."""
    form = {"name": request.caller.name, "category": "", "email": ""} | values
    suggested = suggest_places(values.get("building", ""), values.get("room", ""), request.caller.role)
    context = {"values": form, "max_length": MAX_TEXT_LENGTH, "categories": Category.choices}
    context |= {"suggested": suggested} | find_category(form)
    context |= extra | describe_strip(request.caller, values["key"], refused)
    return render(request, "portal/report.html", context, status=status)


@role_required
@post_only
def guess_category(request: CallerRequest) -> HttpResponse:
    """The category of the text while it is typed. Nothing is stored."""
    return render(request, "portal/_guess.html", find_category(request.POST.dict()))


def find_category(values: Mapping[str, str]) -> dict[str, Any]:
    """For the form as it is filled in: what triage finds, or the category that was chosen instead, and how
    soon the helpdesk usually answers."""
    verdict = suggest_category(values.get("description", ""))
    chosen = values.get("category", "")
    known = chosen if chosen in Category.values else verdict.category if verdict else ""
    usual = find_usual_answer(known, fold_line(values.get("building", ""))) if known else None
    return {"verdict": verdict, "chosen": known if known == chosen else "", "usual": usual}
