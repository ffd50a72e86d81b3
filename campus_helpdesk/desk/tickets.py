"""A ticket at the desk: the portal's page plus notes and the category."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from campus_helpdesk.desk.doors import QueueFilter
from campus_helpdesk.door.guards import action, helpdesk_required
from campus_helpdesk.pages import edits, talks
from campus_helpdesk.pages.neighbours import go_to_neighbour

AREA = "desk"
FIELDS = (*edits.TEXTS, "category")


@helpdesk_required
@require_safe
def show_ticket(request: HttpRequest, pk: int) -> HttpResponse:
    return talks.show_ticket(request, talks.find_ticket(request, pk), AREA)


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def messages_of(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method != "POST":
        return talks.poll_talk(request, pk, AREA)
    return talks.write_message(request, talks.find_ticket(request, pk), AREA)


@helpdesk_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    return edits.show_edit(request, talks.find_ticket(request, pk), AREA, FIELDS)


@helpdesk_required
@action
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    return edits.file_by_person(request, talks.find_ticket(request, pk), AREA)


@helpdesk_required
@require_safe
def show_next(request: HttpRequest, pk: int) -> HttpResponse:
    return go_to_neighbour(request, pk, AREA, QueueFilter, is_backward=False)


@helpdesk_required
@require_safe
def show_previous(request: HttpRequest, pk: int) -> HttpResponse:
    return go_to_neighbour(request, pk, AREA, QueueFilter, is_backward=True)
