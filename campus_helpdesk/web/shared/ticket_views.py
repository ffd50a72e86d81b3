"""The pages of one ticket: the same in the portal and at the desk, but for what an area lets in."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from campus_helpdesk.entrance.guards import View, post_only
from campus_helpdesk.web.shared import ticket_detail, ticket_edit
from campus_helpdesk.web.shared.adjacent_tickets import go_to_adjacent
from django_common.requests import CallerRequest
from tickets.duplicates.merging import find_kept
from tickets.filters import TicketFilter

with_form = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class TicketViews:
    """area: "portal" or "desk". guard: who may come in. filters: of the list whose tickets come before and
    after. fields: of the edit form."""

    area: str
    guard: Callable[[View], View]
    filters: type[TicketFilter]
    fields: tuple[str, ...] = ticket_edit.TEXTS

    def urls(self, prefix: str = "") -> list[URLPattern]:
        views: dict[str, tuple[str, View]] = {
            "ticket": ("", require_safe(self.show)),
            "messages": ("messages/", with_form(self.messages)),
            "edit": ("edit/", with_form(self.edit)),
            "category": ("category/", post_only(self.correct)),
            "next": ("next/", require_safe(self.show_next)),
            "previous": ("previous/", require_safe(self.show_previous)),
        }
        return [
            path(f"{prefix}<int:pk>/{end}", self.guard(view), name=name)
            for name, (end, view) in views.items()
        ]

    def show(self, request: CallerRequest, pk: int) -> HttpResponse:
        """A ticket that was merged leads those who followed it to the kept one; for others it is missing."""
        ticket = ticket_detail.visible_tickets(request).filter(pk=pk).first()
        kept = None if ticket else find_kept(pk, by=request.caller)
        if kept:
            return redirect(ticket_detail.ticket_links(request, kept, self.area)["ticket"])
        return ticket_detail.show_ticket(request, ticket or ticket_detail.find_ticket(request, pk), self.area)

    def messages(self, request: CallerRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return ticket_detail.poll_conversation(request, pk, self.area)
        return ticket_detail.write_message(request, ticket_detail.find_ticket(request, pk), self.area)

    def edit(self, request: CallerRequest, pk: int) -> HttpResponse:
        ticket = ticket_detail.find_ticket(request, pk)
        return ticket_edit.show_edit(request, ticket, self.area, self.fields)

    def correct(self, request: CallerRequest, pk: int) -> HttpResponse:
        return ticket_edit.correct_from_form(request, ticket_detail.find_ticket(request, pk), self.area)

    def show_next(self, request: CallerRequest, pk: int) -> HttpResponse:
        return go_to_adjacent(request, pk, self.area, self.filters, is_backward=False)

    def show_previous(self, request: CallerRequest, pk: int) -> HttpResponse:
        return go_to_adjacent(request, pk, self.area, self.filters, is_backward=True)
