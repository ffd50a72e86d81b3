"""Rows: mails that came in, and what became of each."""

from django.db import models
from django.db.models import Q

from django_common.text_validation import MAX_NAME_LENGTH
from incoming_mail.parsing.headers import MAX_ADDRESS_LENGTH
from incoming_mail.parsing.mail import MAX_SUBJECT_LENGTH
from messaging.models import Message
from tickets.expressions import StatementNow
from tickets.models import Ticket


class State(models.TextChoices):
    SET_ASIDE = "set_aside", "Set aside"
    REFUSED = "refused", "Refused"
    IGNORED = "ignored", "Ignored"
    DONE = "done", "Accepted"


class IncomingMail(models.Model):
    """One mail, stored in the transaction of what it became.

    identity: SHA-256 of what names it (`receiving.identify`). is_confirmed: the mail server vouches for the
    sender. text: as it was written, with what it quotes. reason: why it is set aside, refused or ignored, in
    sentences. raw: its bytes, for some days (`redaction`).
    """

    identity = models.CharField(max_length=64, unique=True, editable=False)
    received_at = models.DateTimeField(db_default=StatementNow())
    written_at = models.DateTimeField(null=True)
    sender = models.CharField(max_length=MAX_ADDRESS_LENGTH, blank=True)
    sender_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    is_confirmed = models.BooleanField(default=False)
    subject = models.CharField(max_length=MAX_SUBJECT_LENGTH, blank=True)
    text = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.TextField(blank=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="mails", null=True)
    message = models.OneToOneField(Message, on_delete=models.PROTECT, related_name="mail", null=True)
    raw = models.BinaryField(null=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            models.Index(fields=["received_at", "id"], name="mail_by_receipt"),
            models.Index(fields=["sender", "received_at"], name="mail_by_sender"),
            models.Index(fields=["received_at"], condition=Q(raw__isnull=False), name="mail_with_raw"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="mail_state"),
            models.CheckConstraint(
                condition=Q(state=State.DONE, ticket__isnull=False)
                | (~Q(state=State.DONE) & Q(ticket=None, message=None)),
                name="mail_taken_in_has_ticket",
            ),
        ]

    def __str__(self) -> str:
        return f"Mail {self.pk}"

    @property
    def is_waiting(self) -> bool:
        """Whether the helpdesk may still make a ticket of it: not when it is one, or forgotten."""
        return self.state == State.SET_ASIDE or (self.state != State.DONE and bool(self.reason))


class MailboxState(models.Model):
    """Of the mailbox at its last turn; one row. failure: why it could not be read, empty if it could."""

    failure = models.TextField(blank=True)
    since = models.DateTimeField(db_default=StatementNow())

    def __str__(self) -> str:
        return self.failure or "The mailbox was read"
