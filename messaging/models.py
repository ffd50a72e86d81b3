"""The conversation under a ticket: append-only, with internal notes for the helpdesk."""

import pgtrigger
from django.db import models

from common.roles import ROLE_CHOICES, Role
from django_common.triggers import unless_bypassed
from tickets.access import messages_visible_to
from tickets.expressions import StatementNow, is_clean_text
from tickets.models import Ticket
from tickets.search_index import MESSAGE_INDEX_TRIGGERS
from tickets.triggers import IMPORTING, REDACTING


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, role: str) -> "MessageQuerySet":
        return self.filter(messages_visible_to(role))


class Message(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    author_role = models.CharField(max_length=10, choices=ROLE_CHOICES)
    author_name = models.CharField(max_length=80, blank=True)
    body = models.TextField()
    is_internal = models.BooleanField("internal note", default=False)
    author_session = models.CharField(max_length=64, blank=True, editable=False)
    key = models.CharField(max_length=200, blank=True, editable=False)
    sent_at = models.DateTimeField(db_default=StatementNow())

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["sent_at", "id"]
        indexes = [models.Index(fields=["ticket", "sent_at", "id"], name="message_conversation")]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "author_session", "key"],
                condition=~models.Q(key=""),
                name="message_once_a_key",
            ),
            models.CheckConstraint(
                condition=models.Q(author_role__in=list(Role)), name="message_author_role"
            ),
            models.CheckConstraint(
                condition=models.Q(is_internal=False) | models.Q(author_role=Role.HELPDESK),
                name="message_notes_are_the_helpdesks",
            ),
            models.CheckConstraint(condition=~models.Q(body=""), name="message_has_body"),
            models.CheckConstraint(condition=is_clean_text("body"), name="message_text_is_clean"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="no_second_thoughts", operation=pgtrigger.Update, condition=unless_bypassed(REDACTING)
            ),
            pgtrigger.Trigger(
                name="not_under_a_closed_ticket",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=unless_bypassed(IMPORTING),
                func="""
                    IF (SELECT status FROM tickets_ticket WHERE id = NEW.ticket_id) = 'closed' THEN
                        RAISE EXCEPTION 'a closed ticket takes no message' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            *MESSAGE_INDEX_TRIGGERS,
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} under ticket {self.ticket_id}"
