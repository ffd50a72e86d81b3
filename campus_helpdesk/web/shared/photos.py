"""Photos on pages: uploading them before a form is sent or with it, and showing those of a conversation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campus_helpdesk.entrance.browsers import remember_browser
from campus_helpdesk.entrance.guards import post_only, role_required
from common.errors import Invalid
from common.photo_limits import MAX_PHOTO_BYTES, MAX_PHOTOS, MIB
from common.roles import Caller
from django_common.requests import CallerRequest
from messaging.attachments.actions import StorageUnavailable, stage_photo, withdraw
from messaging.attachments.models import Attachment, State
from tickets.models import Ticket

# By the ids of their ticket and message; without a message those of the report.
Photos = dict[tuple[int | None, int | None], list[Attachment]]

FIELD, REMOVE = "photos", "remove_photo"
LIMITS = {"most": MAX_PHOTOS, "megabytes": MAX_PHOTO_BYTES // MIB}


def receive_photos(request: HttpRequest, key: str, *, by: Caller) -> tuple[str, list[str]]:
    """Stages the photos of a form under its key. Returns the key, a new one for photos without one, and a
    sentence for each photo that is refused; the others stay."""
    files, refused = request.FILES.getlist(FIELD), []
    key = key or (uuid4().hex if files else "")
    for file in files:
        try:
            stage_photo(file, by=by, key=key)
        except Invalid as refusal:
            sentences = (text for texts in refusal.errors.values() for text in texts)
            refused.append(f"{file.name}: {' '.join(sentences)}")
        except StorageUnavailable as refusal:
            refused.append(f"{file.name}: {refusal.detail}")
    return key, refused


def wants_removal(request: HttpRequest, *, by: Caller) -> bool:
    """Whether a form was sent with the button beside one of its photos, which it then loses."""
    value = request.POST.get(REMOVE, "")
    if not value:
        return False
    photo = next((row for row in Attachment.objects.staged_by(by) if str(row.pk) == value), None)
    if photo:
        withdraw(photo)
    return True


def describe_strip(caller: Caller, key: str, refused: Iterable[str] = ()) -> dict[str, Any]:
    """The context of the photos of a form."""
    may_exist = bool(key) and "\x00" not in key  # which the database refuses
    staged = list(Attachment.objects.staged_by(caller).arrived().filter(key=key)) if may_exist else []
    is_waiting = any(photo.state == State.WAITING for photo in staged)
    return LIMITS | {
        "staged": staged,
        "refused_photos": refused,
        "photo_key": key,
        "is_preparing": is_waiting,
    }


@role_required
@post_only
def upload(request: CallerRequest) -> HttpResponse:
    """The photos of a form that is still being written, or the removal of one of them. They are the
    browser's, so that they are there again after the session."""
    remember_browser(request)
    return render_upload(request, request.caller)


def render_upload(request: HttpRequest, by: Caller, **context: str) -> HttpResponse:
    """The strip after the upload or removal that a form asks for."""
    key = request.POST.get("key", "")
    refused: list[str] = []
    if not wants_removal(request, by=by):
        key, refused = receive_photos(request, key, by=by)
    return render(request, "components/_photo_strip.html", context | describe_strip(by, key, refused))


@role_required
@require_safe
def poll(request: CallerRequest) -> HttpResponse:
    key = request.GET.get("key", "")
    return render(request, "components/_photo_strip.html", describe_strip(request.caller, key))


def find_photos(tickets: Sequence[Ticket], caller: Caller) -> Photos:
    """The photos under these tickets that the caller may see."""
    return group_by_message(Attachment.objects.visible_to(caller).filter(ticket__in=tickets))


def group_by_message(photos: Iterable[Attachment]) -> Photos:
    by_message: Photos = defaultdict(list)
    for photo in photos:
        by_message[photo.ticket_id, photo.message_id].append(photo)
    return by_message


def describe_states(photos: Photos) -> str:
    """Equal as long as the photos would look the same."""
    counts = Counter(photo.state for group in photos.values() for photo in group)
    return ".".join(str(counts[state]) for state in State)


def is_preparing(photos: Photos) -> bool:
    return any(photo.state == State.WAITING for group in photos.values() for photo in group)
