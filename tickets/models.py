"""Rows: a ticket, its history, its corrections, the models learned from them, idempotency keys."""

import pghistory
import pgtrigger
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import models
from django.db.models import F, Func, Q

from common.roles import ROLE_CHOICES, Role
from django_common.text_validation import (
    MAX_LOCATION_LENGTH,
    MAX_NAME_LENGTH,
    is_visible,
)
from django_common.triggers import unless_bypassed
from tickets.access import VISIBLE_STATUSES
from tickets.categories import Category
from tickets.embeddings import EMBEDDING_TRIGGERS
from tickets.expressions import StatementNow, audit_setting, is_clean_text
from tickets.index_expressions import Lifetime, UTCHourOfWeek
from tickets.lifecycle import Status
from tickets.querysets import TicketQuerySet
from tickets.search_index import BLOCK_BITS, TICKET_INDEX_TRIGGERS
from tickets.ticket_counters import COUNT_TRIGGERS, GROUP_FIELDS
from tickets.triggers import IMPORTING, REDACTING, RESPELLING, TICKET_TRIGGERS

MAX_SUMMARY_LENGTH = 120


class Source(models.TextChoices):
    MACHINE = "machine", "Machine"
    PERSON = "person", "Person"


class Ticket(models.Model):
    description = models.TextField()
    building = models.CharField(max_length=MAX_LOCATION_LENGTH, blank=True)
    room = models.CharField(max_length=MAX_LOCATION_LENGTH, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    version = models.PositiveIntegerField(default=1)

    category = models.CharField(max_length=10, choices=Category.choices)
    category_source = models.CharField(max_length=10, choices=Source.choices, default=Source.MACHINE)
    needs_review = models.BooleanField("please check", default=False)
    triage_confidence = models.FloatField(default=0)
    triage_runner_up = models.CharField(max_length=10, choices=Category.choices, blank=True)
    triage_evidence = models.JSONField(default=list, blank=True)
    triage_model = models.CharField(max_length=40, blank=True)
    triage_is_mixed = models.BooleanField("also about the runner-up", default=False, db_default=False)

    opened_at = models.DateTimeField(db_default=StatementNow())
    modified_at = models.DateTimeField(db_default=StatementNow())
    activated_at = models.DateTimeField(null=True, blank=True)
    first_answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    opener = models.CharField("session that opened it", max_length=64, blank=True, editable=False)
    opener_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    # After how many months since its closing all texts were removed; null while it has any.
    texts_removed_after = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="Months since its closing; null if the ticket has its texts."
    )
    changed_xid = models.BigIntegerField(default=0, editable=False)
    # How many browsers said that they have the problem, too, beside the reporter's; a trigger counts.
    me_too = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    merged_into = models.ForeignKey(
        "self",
        models.DO_NOTHING,  # none is ever deleted, and a trigger checks what it points to
        null=True,
        editable=False,
        related_name="duplicates",
        db_index=False,
        db_constraint=False,
    )

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [
            # With the hour as last column, the newest tickets of an hour are found in the index alone.
            models.Index("opened_at", "id", UTCHourOfWeek("opened_at"), name="ticket_by_opening"),
            models.Index(fields=["modified_at", "id"], name="ticket_by_change"),
            models.Index(fields=["status", "category", "opened_at", "id"], name="ticket_by_status"),
            models.Index(fields=["category", "opened_at", "id"], name="ticket_by_category"),
            # The columns that the side bar counts are in the index itself (GROUP_FIELDS).
            models.Index(
                fields=["building", "opened_at", "id"], include=GROUP_FIELDS, name="ticket_by_building"
            ),
            models.Index(
                UTCHourOfWeek("opened_at"),
                "opened_at",
                "id",
                include=GROUP_FIELDS,
                name="ticket_by_hour_of_week",
            ),
            models.Index(fields=["first_answered_at"], include=GROUP_FIELDS, name="ticket_by_first_answer"),
            models.Index(
                fields=["category_source", "opened_at", "id"],
                include=[*GROUP_FIELDS, "triage_confidence"],
                condition=~Q(triage_model=""),
                name="ticket_filed_by_machine",
            ),
            GistIndex(
                Lifetime("opened_at", "closed_at"),
                include=["opened_at", "closed_at", *GROUP_FIELDS],
                name="ticket_lifetime",
            ),
            # Whether users see a building or a room on any ticket.
            models.Index(
                fields=["building", "room"],
                condition=Q(status__in=VISIBLE_STATUSES[Role.USER]),
                name="ticket_visible_by_place",
            ),
            models.Index(fields=["changed_xid"], name="ticket_by_xid"),
            # Whether a search of the newest blocks missed a ticket that was opened later.
            models.Index(F("id").bitrightshift(BLOCK_BITS), "opened_at", name="ticket_by_block"),
            models.Index(fields=["me_too", "id"], name="ticket_by_me_too"),
            models.Index(
                fields=["merged_into", "id"], condition=Q(merged_into__isnull=False), name="ticket_merged"
            ),
            # Only of what may be a duplicate's original, so that they stay small.
            GinIndex(
                Func("description", function="duplicate_words"),
                condition=~Q(status=Status.CLOSED),
                name="ticket_by_word_unresolved",
            ),
            models.Index(
                fields=["building", "opened_at", "id"],
                condition=~Q(status=Status.CLOSED),
                name="ticket_by_place_unresolved",
            ),
            models.Index(
                fields=["opened_at", "id"], condition=~Q(status=Status.CLOSED), name="ticket_unresolved"
            ),
            models.Index(fields=["opened_at", "id"], condition=Q(needs_review=True), name="ticket_to_check"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="ticket_status"),
            models.CheckConstraint(condition=Q(category__in=Category.values), name="ticket_category"),
            models.CheckConstraint(condition=Q(category_source__in=Source.values), name="ticket_source"),
            models.CheckConstraint(
                condition=Q(status=Status.CLOSED, closed_at__isnull=False)
                | (~Q(status=Status.CLOSED) & Q(closed_at__isnull=True)),
                name="ticket_closed_iff_closed_at",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.OPEN, activated_at__isnull=True)
                | (~Q(status=Status.OPEN) & Q(activated_at__isnull=False)),
                name="ticket_open_iff_not_activated",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__lte=F("modified_at"))
                & (Q(activated_at__isnull=True) | Q(activated_at__gte=F("opened_at")))
                & (Q(first_answered_at__isnull=True) | Q(first_answered_at__gte=F("opened_at")))
                & (
                    Q(closed_at__isnull=True)
                    | Q(closed_at__gte=F("activated_at"), closed_at__lte=F("modified_at"))
                ),
                name="ticket_moments_in_order",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="ticket_version"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(status=Status.CLOSED) & ~Q(merged_into=F("id"))),
                name="ticket_merged_is_closed",
            ),
            models.CheckConstraint(condition=~Q(description=""), name="ticket_has_description"),
            models.CheckConstraint(condition=is_clean_text("description"), name="ticket_text_is_clean"),
        ]
        triggers = TICKET_TRIGGERS + COUNT_TRIGGERS + TICKET_INDEX_TRIGGERS + EMBEDDING_TRIGGERS

    def __str__(self) -> str:
        return f"Ticket {self.pk}: {self.summary}"

    @property
    def summary(self) -> str:
        """The first line of the description with a visible character, cut to 120 characters."""
        lines = map(str.strip, self.description.splitlines())
        line = next((line for line in lines if any(map(is_visible, line))), "")
        return line if len(line) <= MAX_SUMMARY_LENGTH else line[: MAX_SUMMARY_LENGTH - 1].rstrip() + "…"

    @property
    def location(self) -> str:
        return ", ".join(filter(None, [self.building, self.room]))

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED


TRACKED_FIELDS = [
    "description",
    "building",
    "room",
    "category",
    "status",
    "activated_at",
    "closed_at",
    "version",
]


class TicketEvent(
    pghistory.create_event_model(  # type: ignore[misc]  # a base made from the ticket's own fields
        Ticket,
        pghistory.InsertEvent("opened", condition=unless_bypassed(IMPORTING)),
        pghistory.UpdateEvent(
            "changed", condition=unless_bypassed(IMPORTING, RESPELLING, condition="OLD.me_too = NEW.me_too")
        ),
        fields=TRACKED_FIELDS,
        context_field=None,
        obj_field=pghistory.ObjForeignKey(related_name="events", on_delete=models.DO_NOTHING),
    )
):
    """One row of a ticket's history: the ticket after the change, and who made the change.

    Written by a trigger, so raw SQL is also recorded: without an audit context, as `repaired` by `database`.
    """

    pgh_id = models.BigAutoField(primary_key=True)
    verb = models.CharField(max_length=12, db_default=audit_setting("verb", "repaired"))
    by_role = models.CharField(max_length=10, db_default=audit_setting("role", "database"))
    by_name = models.CharField(max_length=MAX_NAME_LENGTH, db_default=audit_setting("name", ""))
    by_session = models.CharField(max_length=64, db_default=audit_setting("session", ""), editable=False)
    reason = models.TextField(db_default=audit_setting("reason", ""))

    class Meta:
        ordering = ["pgh_id"]
        indexes = [models.Index(fields=["pgh_obj", "pgh_id"], name="history_of_ticket")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="no_rewriting", operation=pgtrigger.Update, condition=unless_bypassed(REDACTING)
            ),
            pgtrigger.Trigger(
                name="moments_grow",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=unless_bypassed(IMPORTING),
                func="""
                    NEW.pgh_created_at = greatest(NEW.pgh_created_at, (
                        SELECT pgh_created_at + interval '1 microsecond' FROM tickets_ticketevent
                        WHERE pgh_obj_id = NEW.pgh_obj_id ORDER BY pgh_id DESC LIMIT 1
                    ));
                    RETURN NEW;
                """,
            ),
        ]


class Correction(models.Model):
    """A person's decision about a category, from which the model learns."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="corrections")
    old = models.CharField(max_length=10, choices=Category.choices)
    new = models.CharField(max_length=10, choices=Category.choices)
    by_role = models.CharField(max_length=10, choices=ROLE_CHOICES)
    by_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    by_session = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    triage_model = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(db_default=StatementNow())

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Ticket {self.ticket_id}: {self.old} to {self.new}"


class ModelOrigin(models.TextChoices):
    SHIPPED = "shipped", "Shipped with the product"
    NIGHTLY = "nightly", "Nightly retraining"
    COMMAND = "command", "manage.py retrain"


class TriageModel(models.Model):
    """One version of the triage model. If none is active, the shipped file is used.

    figures: {"gold": GOLD, "cross_validated": share, "compared_with": {"version": text, "gold": GOLD}}, where
    GOLD is {"texts": count, "right": count, "accuracy": share, "calibration_error": share, "categories":
    {category: {"texts": count, "right": count, "accuracy": share}}}. The row of a shipped model has "gold"
    only. refusal: why it was not activated, in sentences; such a version never runs.
    """

    version = models.CharField(max_length=40, unique=True)
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    seeds = models.CharField(max_length=64)
    made_at = models.DateTimeField(db_default=StatementNow())
    made_by = models.CharField(max_length=10, choices=ModelOrigin.choices)
    corrections = models.PositiveIntegerField(default=0)
    newest_correction = models.PositiveBigIntegerField(default=0)
    figures = models.JSONField()
    refusal = models.TextField(blank=True)
    is_active = models.BooleanField(default=False)
    activated_at = models.DateTimeField(null=True)
    activated_by_role = models.CharField(max_length=10, choices=ROLE_CHOICES, blank=True)
    activated_by_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"], condition=Q(is_active=True), name="one_active_triage_model"
            ),
            models.CheckConstraint(
                condition=Q(refusal="") | Q(is_active=False, activated_at__isnull=True),
                name="refused_triage_model_never_ran",
            ),
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(activated_at__isnull=False),
                name="active_triage_model_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"Triage model {self.version}"


class IdempotencyKey(models.Model):
    """One key of one session: the first request under it, kept for 24 hours."""

    session = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="+", null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=StatementNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "key"], name="one_request_a_key")]

    def __str__(self) -> str:
        return f"Key {self.pk}"
