"""The outbox at the desk: what was sent, what waits and why, and trying again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.web.shared.ticket_list import make_choices, query_of_link
from common.errors import Invalid
from django_common.pagination.keyset_pagination import KeysetPagination
from django_common.pagination.parameters import PAGE_PARAMETERS, refuse_unknown
from django_common.problem_details import as_fields
from django_common.requests import CallerRequest
from notifications.channels.mail import has_server
from notifications.composing import compose
from notifications.follower_mails import Addresses
from notifications.models import Delivery, State
from notifications.outbox import try_again

NO_SERVER = "Not sent: no mail server is set."


class OutboxPagination(KeysetPagination):
    ordering = ("-created_at", "-id")


@helpdesk_required
@require_safe
def show_outbox(request: CallerRequest) -> HttpResponse:
    pager, states = OutboxPagination(), read_states(request)
    found = Delivery.objects.select_related("ticket")
    try:
        rows = pager.paginate_queryset(found.filter(state__in=states) if states else found, Request(request))
    except ValidationError as error:
        raise Invalid(as_fields(error.detail)) from error
    context: dict[str, Any] = {
        "deliveries": rows,
        "page": {
            "previous": query_of_link(pager.get_previous_link()),
            "next": query_of_link(pager.get_next_link()),
        },
        "choices": make_choices(request.GET, "state", State.choices),
        "is_filtered": bool(states),
        "has_server": has_server(),
        "no_server": NO_SERVER,
    }
    return render(request, "desk/outbox.html", context)


def read_states(request: CallerRequest) -> list[str]:
    """None for all. Raises Invalid."""
    refuse_unknown(request.GET, {"state", *PAGE_PARAMETERS})
    states = request.GET.getlist("state")
    if set(states) - set(State.values):
        raise Invalid({"state": [f"Choose one of: {', '.join(State.values)}."]})
    return states


@helpdesk_required
@require_safe
def show_delivery(request: CallerRequest, pk: UUID) -> HttpResponse:
    """The mail as it would be written now. Its personal links are shown only where nothing is sent: there
    this page is the mailbox."""
    delivery = get_object_or_404(Delivery.objects.select_related("ticket"), pk=pk)
    mail = compose(delivery, Addresses(is_hidden=has_server()))
    context = {"delivery": delivery, "mail": mail, "has_server": has_server(), "no_server": NO_SERVER}
    return render(request, "desk/delivery.html", context)


@helpdesk_required
@post_only
def retry(request: CallerRequest, pk: UUID) -> HttpResponse:
    delivery = get_object_or_404(Delivery, pk=pk)
    if try_again(delivery):
        messages.success(request, "It will be sent again in a moment.")
    else:
        messages.info(request, "It has been sent in the meantime.")
    return redirect(reverse("desk:delivery", args=[pk]))
