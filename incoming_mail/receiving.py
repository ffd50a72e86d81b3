"""A mail is stored in the transaction of what it becomes. Whatever dies before the commit, nothing has
happened and the mail server still has the mail; after it, the same mail again is nothing new."""

import hashlib
import logging
from io import BytesIO

from django.conf import settings
from django.core.files.base import File
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils.crypto import salted_hmac

from common.errors import Invalid
from common.roles import Caller, Role
from common.test_hooks import wait_at
from django_common.advisory_locks import AdvisoryLock, take_lock
from django_common.retry import retry_on_deadlock
from django_common.text_validation import MAX_NAME_LENGTH, fold_line
from incoming_mail.addresses import read_message_id, read_reply_address
from incoming_mail.composing import describe, describe_answer
from incoming_mail.models import IncomingMail, State
from incoming_mail.parsing import ParsedMail, parse_mail
from incoming_mail.refusals import MAX_MAIL_BYTES, TooManyMails, check_rates, find_refusal
from messaging.actions import post_message
from messaging.attachments.actions import StorageUnavailable, stage_photo
from tickets.access import can_see
from tickets.actions import lock_row, open_ticket
from tickets.models import Ticket

# The mail server must keep the mail and try again.
TRY_AGAIN = (OperationalError, InterfaceError, StorageUnavailable, TooManyMails)
BEGINNING = 64 * 1024  # what is stored of a mail that is too large
FAILED = "It could not be taken in because of an error, which was logged."
logger = logging.getLogger(__name__)


def receive(raw: bytes, *, size: int = 0) -> IncomingMail:
    """What became of the mail, now or when it came before. size: of the whole mail, if raw is its beginning.

    Raises what TRY_AGAIN names, and what the database says if it cannot even store the bytes.
    """
    size = max(size, len(raw))
    stored = raw if size <= MAX_MAIL_BYTES else raw[:BEGINNING]
    mail = parse_mail(stored, own_address=settings.INBOX_ADDRESS, trusted_host=settings.INBOX_TRUSTED_HOST)
    identity = identify(mail, stored)
    if known := find_known(identity):
        return known
    row = make_row(mail, stored, identity)
    try:
        return take_in(row, mail, size=size)
    except TRY_AGAIN:
        raise
    except Exception:
        logger.exception("incoming mail %s was set aside", identity)
        return set_aside(make_row(mail, stored, identity))


def identify(mail: ParsedMail, raw: bytes) -> str:
    """By the Message-ID, with sender and date, because some scanners write the same one into every mail; and
    the kind, because the same mail may also come by way of a list, which is ignored. By its bytes if there is
    no Message-ID or no date; a mailbox gives them with CRLF, a mail server's pipe with LF."""
    named = f"{mail.kind}\n{mail.message_id}\n{mail.sender}\n{mail.written_at}".encode()
    is_named = mail.message_id and mail.written_at
    return hashlib.sha256(named if is_named else raw.replace(b"\r\n", b"\n")).hexdigest()


def find_known(identity: str) -> IncomingMail | None:
    return IncomingMail.objects.filter(identity=identity).defer("raw").first()


def make_row(mail: ParsedMail, raw: bytes, identity: str) -> IncomingMail:
    return IncomingMail(
        identity=identity,
        written_at=mail.written_at,
        sender=mail.sender,
        sender_name=fold_line(mail.sender_name)[:MAX_NAME_LENGTH],
        is_confirmed=mail.is_confirmed,
        subject=mail.subject,
        text=mail.text,
        raw=raw,
    )


def set_aside(row: IncomingMail) -> IncomingMail:
    """With its bytes alone, if the database takes nothing else of it."""
    row.state, row.reason = State.SET_ASIDE, FAILED
    try:
        return store(row)
    except TRY_AGAIN:
        raise
    except DatabaseError:
        return store(IncomingMail(identity=row.identity, raw=row.raw, state=row.state, reason=row.reason))


@retry_on_deadlock
def store(row: IncomingMail) -> IncomingMail:
    take_lock(AdvisoryLock.INCOMING_MAIL)
    known = find_known(row.identity)
    if not known:
        row.save()
    return known or row


def take_in(row: IncomingMail, mail: ParsedMail, *, size: int) -> IncomingMail:
    """Photos are staged first, as those of a form: after a crash the next attempt finds them. Not of one mail
    too many: that would fill the storage."""
    refusal = find_refusal(mail, size) or check_rates(row.sender)
    by = sender_of(row)
    left_out = [] if refusal else [*mail.left_out, *stage_photos(mail, by=by, key=row.identity)]
    found = decide(row, mail, by=by, left_out=left_out, size=size)
    wait_at("mail-stored")
    return found


@retry_on_deadlock
def decide(
    row: IncomingMail, mail: ParsedMail, *, by: Caller, left_out: list[str], size: int
) -> IncomingMail:
    take_lock(AdvisoryLock.INCOMING_MAIL)
    if known := find_known(row.identity):
        return known
    limited = check_rates(row.sender)
    if refusal := find_refusal(mail, size) or limited:
        row.state, row.reason = refusal
        if limited:
            row.raw = bytes(row.raw or b"")[:BEGINNING]
    else:
        file_mail(row, mail, by=by, left_out=left_out)
    row.save()
    wait_at("mail-taken-in")
    return row


def sender_of(row: IncomingMail) -> Caller:
    """A user whose session is a pseudonym of the address: it allows nothing that other users may not."""
    session = salted_hmac("sender of a mail", row.sender or row.identity, algorithm="sha256").hexdigest()
    return Caller(Role.USER, name=row.sender_name, session=session)


def stage_photos(mail: ParsedMail, *, by: Caller, key: str) -> list[str]:
    """The names of those that cannot be taken. Raises StorageUnavailable."""
    left_out = []
    for photo in mail.photos:
        try:
            stage_photo(File(BytesIO(photo.content), name=photo.name), by=by, key=key)
        except Invalid:
            left_out.append(photo.name)
    return left_out


def file_mail(row: IncomingMail, mail: ParsedMail, *, by: Caller, left_out: list[str]) -> None:
    """A message under the ticket that it answers, else a new ticket."""
    answered, addressed = find_answered(mail)
    row.state = State.DONE
    if answered and can_see(by, answered):
        if body := describe_answer(mail, left_out):
            row.ticket = answered
            row.message = post_message(answered, by=by, body=body, key=row.identity)
        else:
            row.state, row.reason = State.SET_ASIDE, f"It answers ticket {answered.pk} and has no text."
        return
    text = describe(mail, left_out, is_answer=answered is not None, follows=addressed)
    row.ticket = open_ticket(by=by, description=text, key=row.identity)


def find_answered(mail: ParsedMail) -> tuple[Ticket | None, int | None]:
    """The ticket that the mail answers, locked; of a merged one that to which it was merged. And the number
    in the signed address, if it has one: its sender knows no other."""
    addressed = next(filter(None, map(read_reply_address, mail.recipients)), None)
    named = addressed or next(filter(None, map(read_message_id, mail.references)), None)
    ticket = Ticket.objects.filter(pk=named).first() if named else None
    if ticket is None:
        return None, None
    return lock_row(ticket.merged_into or ticket), addressed
