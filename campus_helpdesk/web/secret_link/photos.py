"""Photos by a secret link: those of its ticket, and those of an answer that is being written."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.guards import post_only
from campus_helpdesk.web.secret_link.guards import link_holder, link_required
from campus_helpdesk.web.shared.photos import describe_strip, render_upload
from messaging.attachments.api import send_photo
from messaging.attachments.models import Attachment
from tickets.access import link_may_answer, link_shows_conversation
from tickets.errors import WrongState
from tickets.following.models import SecretLink

CLOSED = "The ticket was closed in the meantime: it takes no more messages."


@require_safe
@link_required
def show_photo(request: HttpRequest, link: SecretLink, secret: str, pk: UUID, size: str) -> FileResponse:
    """A sent photo, or one that this link's answer has not sent yet."""
    if not link_shows_conversation(link.ticket):
        raise Http404
    photos = Attachment.objects.filter(pk=pk)
    photo = photos.visible_by_link(link.ticket).first() or photos.staged_by(link_holder(link)).first()
    if photo is None:
        raise Http404
    return send_photo(photo, size)


@post_only
@link_required
def upload(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    """The photos of an answer that is still being written, or the removal of one of them."""
    refuse_closed(link)
    return render_upload(request, link_holder(link), secret=secret)


@require_safe
@link_required
def poll(request: HttpRequest, link: SecretLink, secret: str) -> HttpResponse:
    strip = describe_strip(link_holder(link), request.GET.get("key", ""))
    return render(request, "components/_photo_strip.html", {"secret": secret, **strip})


def refuse_closed(link: SecretLink) -> None:
    """Raises WrongState if the ticket takes no answer any more."""
    if not link_may_answer(link.ticket):
        raise WrongState(CLOSED)
