"""Removing a photo that was sent, at the desk."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from campus_helpdesk.entrance.guards import helpdesk_required, post_only
from campus_helpdesk.web.shared.ticket_detail import show_ticket, ticket_links
from common.errors import Invalid
from django_common.requests import CallerRequest
from messaging.attachments.actions import remove_photo
from messaging.attachments.models import Attachment
from tickets.errors import WrongState


@helpdesk_required
@post_only
def remove(request: CallerRequest, pk: UUID) -> HttpResponse:
    photos = Attachment.objects.visible_to(request.caller).select_related("ticket", "message")
    photo = get_object_or_404(photos, pk=pk)
    assert photo.ticket is not None
    try:
        remove_photo(photo, by=request.caller, reason=request.POST.get("reason", ""))
    except (Invalid, WrongState) as refusal:
        context = {"photo_refusal": refusal.errors.get("reason", [refusal.detail])}
        return show_ticket(request, photo.ticket, "desk", status=refusal.status, **context)
    messages.success(request, "The photo was removed.")
    return redirect(f"{ticket_links(request, photo.ticket, 'desk')['ticket']}#conversation")
