"""Mails that came in: what became of each, and what the helpdesk does with those that became nothing."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.entrance.unsent import unsent_fields
from campus_helpdesk.web.shared.ticket_list import make_choices, query_of_link
from common.errors import Invalid
from django_common.pagination.keyset_pagination import KeysetPagination
from django_common.pagination.parameters import PAGE_PARAMETERS, refuse_unknown
from django_common.problem_details import as_fields
from django_common.requests import CallerRequest
from django_common.text_validation import MAX_TEXT_LENGTH
from incoming_mail.desk import discard, make_ticket, suggest_description
from incoming_mail.inbox import find_failure
from incoming_mail.models import IncomingMail, State


class MailPagination(KeysetPagination):
    ordering = ("-received_at", "-id")


@helpdesk_required
@require_safe
def show_mails(request: CallerRequest) -> HttpResponse:
    pager, states = MailPagination(), read_states(request)
    found = IncomingMail.objects.defer("raw", "text")
    try:
        rows = pager.paginate_queryset(found.filter(state__in=states) if states else found, Request(request))
    except ValidationError as error:
        raise Invalid(as_fields(error.detail)) from error
    following, before = query_of_link(pager.get_next_link()), query_of_link(pager.get_previous_link())
    context = {
        "mails": rows,
        "page": {"previous": before, "next": following},
        "choices": make_choices(request.GET, "state", State.choices),
        "is_filtered": bool(states),
        "failure": find_failure(),
        "address": settings.INBOX_ADDRESS,
    }
    return render(request, "desk/mails.html", context)


def read_states(request: CallerRequest) -> list[str]:
    """None for all. Raises Invalid."""
    refuse_unknown(request.GET, {"state", *PAGE_PARAMETERS})
    states = request.GET.getlist("state")
    if set(states) - set(State.values):
        raise Invalid({"state": [f"Choose one of: {', '.join(State.values)}."]})
    return states


@helpdesk_required
@require_safe
def show_mail(request: CallerRequest, pk: int) -> HttpResponse:
    return render_mail(request, find_mail(pk))


def find_mail(pk: int) -> IncomingMail:
    return get_object_or_404(IncomingMail.objects.defer("raw"), pk=pk)


def render_mail(
    request: CallerRequest, mail: IncomingMail, *, status: int = 200, errors: Mapping[str, Any] | None = None
) -> HttpResponse:
    typed = request.POST or unsent_fields(request)
    context = {
        "mail": mail,
        "description": typed.get("description", suggest_description(mail)),
        "max_length": MAX_TEXT_LENGTH,
        "errors": errors,
    }
    return render(request, "desk/mail.html", context, status=status)


@helpdesk_required
@post_only
def open_ticket(request: CallerRequest, pk: int) -> HttpResponse:
    mail = find_mail(pk)
    try:
        ticket = make_ticket(mail, by=request.caller, description=request.POST.get("description", ""))
    except Invalid as refusal:
        return render_mail(request, mail, status=refusal.status, errors=refusal.errors)
    messages.success(request, f"The mail is now ticket {ticket.pk}.")
    return redirect("desk:ticket", ticket.pk)


@helpdesk_required
@post_only
def discard_mail(request: CallerRequest, pk: int) -> HttpResponse:
    discard(find_mail(pk), by=request.caller)
    messages.success(request, "The mail is discarded.")
    return redirect("desk:mails")
