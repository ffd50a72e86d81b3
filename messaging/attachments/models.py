"""A photo with a report or a message: the row. Its files are in `files`, and never in the database."""

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Q

from common.photo_limits import MAX_PHOTOS
from common.roles import Caller, Role
from django_common.triggers import raise_violation
from messaging.models import Message
from tickets.access import VISIBLE_STATUSES, photos_visible_to
from tickets.duplicates.merging import visible_merged
from tickets.expressions import StatementNow
from tickets.models import Ticket


class State(models.TextChoices):
    UPLOADING = "uploading", "Arriving"
    WAITING = "waiting", "Being prepared"
    READY = "ready", "Ready"
    REFUSED = "refused", "Refused"
    REMOVED = "removed", "Removed"


MOVES = [
    (State.UPLOADING, State.WAITING),
    (State.UPLOADING, State.REMOVED),
    (State.WAITING, State.READY),
    (State.WAITING, State.REFUSED),
    (State.WAITING, State.REMOVED),
    (State.READY, State.REMOVED),
    (State.REFUSED, State.REMOVED),
]


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, caller: Caller) -> "AttachmentQuerySet":
        """Sent photos: visible where their ticket and their message are, alone or with the ticket into which
        it was merged."""
        tickets = Q(ticket__status__in=VISIBLE_STATUSES[caller.role])
        if caller.browser and not caller.is_helpdesk:  # who sees every ticket by itself
            tickets |= Q(ticket__in=visible_merged(caller).values("pk"))
        return self.filter(tickets, photos_visible_to(caller.role))

    def visible_by_link(self, ticket: Ticket) -> "AttachmentQuerySet":
        """To the holder of the ticket's secret link, who sees its conversation as a user: no notes."""
        return self.filter(photos_visible_to(Role.USER), ticket=ticket)

    def uploaded_by(self, caller: Caller) -> "AttachmentQuerySet":
        """In the caller's session, or in an earlier one of the same browser."""
        if not caller.session:
            return self.none()
        uploader = Q(session=caller.session)
        if caller.browser:
            uploader |= Q(browser=caller.browser)
        return self.filter(uploader).exclude(state=State.REMOVED)

    def staged_by(self, caller: Caller) -> "AttachmentQuerySet":
        """Photos that are not sent yet: only who uploaded them knows of them."""
        return self.uploaded_by(caller).filter(ticket=None)

    def arrived(self) -> "AttachmentQuerySet":
        return self.exclude(state=State.UPLOADING)


class Attachment(models.Model):
    """One photo. Without a ticket it is staged: it waits for the form with its key to be sent by the session
    or the browser that uploaded it.

    browser: only while it is staged. reason: the sentence of a refusal. sha256: of the file as it was sent;
    with it a form that is sent twice has each photo once. has_original, has_sizes: whether the storage may
    hold such files of this row.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="photos", null=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="photos", null=True)
    session = models.CharField(max_length=64, editable=False)
    browser = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    key = models.CharField(max_length=200, editable=False)
    position = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADING)
    reason = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    uploaded_at = models.DateTimeField(db_default=StatementNow())
    attempts = models.PositiveSmallIntegerField(default=0)
    has_original = models.BooleanField(default=True)
    has_sizes = models.BooleanField(default=False)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    large_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    small_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["position", "uploaded_at"]
        indexes = [
            models.Index(fields=["uploaded_at"], condition=Q(has_original=True), name="photo_with_original"),
            models.Index(
                fields=["uploaded_at"],
                condition=Q(has_sizes=True, state__in=[State.REFUSED, State.REMOVED]),
                name="photo_to_delete",
            ),
            models.Index(fields=["uploaded_at"], condition=Q(ticket=None), name="photo_not_sent"),
            models.Index(fields=["key"], name="photo_by_key"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "key", "position"],
                condition=~Q(state=State.REMOVED),
                name="photo_position_is_taken_once",
            ),
            models.UniqueConstraint(
                fields=["session", "key", "sha256"],
                condition=~Q(state=State.REMOVED),
                name="photo_is_sent_once",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="photo_state"),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MAX_PHOTOS), name="photo_position"
            ),
            models.CheckConstraint(
                condition=Q(message=None) | Q(ticket__isnull=False), name="photo_of_message_has_ticket"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.READY)
                | (
                    Q(has_sizes=True, width__gte=1, height__gte=1) & ~Q(large_sha256="") & ~Q(small_sha256="")
                ),
                name="ready_photo_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED) | ~Q(reason=""), name="refused_photo_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REMOVED) | Q(sha256="", large_sha256="", small_sha256=""),
                name="removed_photo_keeps_nothing",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="sent_photos_stay",
                operation=pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.ticket_id IS NOT NULL"),
            ),
            pgtrigger.FSM(
                name="photo_moves",
                field="state",
                transitions=[(str(a), str(b)) for a, b in MOVES],
                condition=pgtrigger.Condition("OLD.state IS DISTINCT FROM NEW.state"),
            ),
            pgtrigger.Trigger(
                name="photo_is_attached_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.ticket_id IS NOT NULL AND (OLD.ticket_id, OLD.message_id)"
                    " IS DISTINCT FROM (NEW.ticket_id, NEW.message_id)"
                ),
                func=raise_violation("a photo stays where it was attached"),
            ),
            pgtrigger.Trigger(
                name="no_photo_under_a_closed_ticket",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition("OLD.ticket_id IS NULL AND NEW.ticket_id IS NOT NULL"),
                func="""
                    IF (SELECT status FROM tickets_ticket WHERE id = NEW.ticket_id) = 'closed' THEN
                        RAISE EXCEPTION 'a closed ticket takes no photo' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Photo {self.pk}"
