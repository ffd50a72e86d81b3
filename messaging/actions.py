"""The only writer of messages."""

from django.db import IntegrityError

from common.roles import Caller
from django_common.retry import retry_on_deadlock
from django_common.text_validation import clean_text
from messaging.attachments.actions import attach_photos
from messaging.models import Message
from messaging.signals import message_posted
from tickets.access import require
from tickets.actions import record_message_activity, refuse_closed
from tickets.errors import KeyReused
from tickets.idempotency import MAX_KEY_LENGTH
from tickets.models import Ticket

FORM_USED = "A different message was already sent with this form. Please send this one again."


def post_message(
    ticket: Ticket, *, by: Caller, body: object, is_internal: bool = False, key: str = ""
) -> Message:
    """A message under a ticket that is not closed, or an internal note of the helpdesk.

    key: a repeated request with the same key, session and ticket returns the first message. Photos staged
    under it are attached. Raises NotAllowed, Hidden, WrongState, Invalid, KeyReused (another text under the
    same key).
    """
    require(by, "message", ticket)
    if is_internal:
        require(by, "note", ticket)
    refuse_closed(ticket, by=by)
    message = make_message(ticket, by=by, body=body, is_internal=is_internal, key=key)
    try:
        return append(message, by=by)
    except IntegrityError:
        first = find_first(message)
        if first is None:  # another constraint was violated
            raise
        if (first.body, first.is_internal) != (message.body, message.is_internal):
            raise KeyReused(FORM_USED) from None
        return first


def make_message(ticket: Ticket, *, by: Caller, body: object, is_internal: bool, key: str) -> Message:
    """A message that is not stored yet. Raises Invalid."""
    return Message(
        ticket=ticket,
        author_role=by.role,
        author_name=by.name,
        author_session=by.session,
        body=clean_text("body", body),
        is_internal=is_internal,
        key=clean_text("key", key, limit=MAX_KEY_LENGTH, is_required=False),
    )


@retry_on_deadlock
def append(message: Message, *, by: Caller) -> Message:
    message.sent_at = record_message_activity(message.ticket, by=by, is_internal=message.is_internal)
    message.save()
    attach_photos(message.ticket, by=by, key=message.key, message=message)
    message_posted.send(Message, message=message, by=by)
    return message


def find_first(message: Message) -> Message | None:
    """The message that was posted under the same key before."""
    same = Message.objects.filter(ticket=message.ticket, author_session=message.author_session)
    return same.exclude(key="").filter(key=message.key).first()
