"""A ticket at the desk: the portal's page plus notes and the category."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from campus_helpdesk.entrance.guards import action, helpdesk_required
from campus_helpdesk.web.desk.drilldown import QueueFilter
from campus_helpdesk.web.shared import ticket_detail, ticket_edit
from campus_helpdesk.web.shared.neighbours import go_to_neighbour

AREA = "desk"
FIELDS = (*ticket_edit.TEXTS, "category")


@helpdesk_required
@require_safe
def show_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    return ticket_detail.show_ticket(request, ticket_detail.find_ticket(request, pk), AREA)


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages_of(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method != "POST":
        return ticket_detail.poll_talk(request, pk, AREA)
    return ticket_detail.write_message(request, ticket_detail.find_ticket(request, pk), AREA)


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return ticket_edit.show_edit(request, ticket_detail.find_ticket(request, pk), AREA, FIELDS)


@helpdesk_required
@action
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    return ticket_edit.file_by_person(request, ticket_detail.find_ticket(request, pk), AREA)


@helpdesk_required
@require_safe
def show_next(request: HttpRequest, pk: int) -> HttpResponse:
    return go_to_neighbour(request, pk, AREA, QueueFilter, is_backward=False)


@helpdesk_required
@require_safe
def show_previous(request: HttpRequest, pk: int) -> HttpResponse:
    return go_to_neighbour(request, pk, AREA, QueueFilter, is_backward=True)
