"""The vector of each ticket's text, made by the sentence model, and which sentence model is in use.

A trigger deletes the row when the text changes: a vector would still reveal the meaning of words that were
removed.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.lookups import Exact

from tickets.expressions import StatementNow

VECTOR_BYTES = 768  # 384 numbers of 16 bits


class DecidedBy(models.TextChoices):
    """What decided the category that the machine chose."""

    WORDS = "words", "Its words"
    MEANING = "meaning", "A second opinion on the whole text"
    PRECEDENT = "precedent", "A similar ticket that staff moved"


class TicketEmbedding(models.Model):
    """What the sentence model read in a ticket. vector: 384 little-endian float16 of length 1.

    Vectors of different sentence models cannot be compared.
    """

    ticket = models.OneToOneField(
        "tickets.Ticket", models.DO_NOTHING, primary_key=True, related_name="embedding"
    )
    sentence_model = models.CharField(max_length=40)
    vector = models.BinaryField()
    decided_by = models.CharField(max_length=10, choices=DecidedBy.choices, default=DecidedBy.WORDS)
    precedent = models.ForeignKey(
        "tickets.Ticket", models.DO_NOTHING, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    Exact(
                        models.Func(F("vector"), function="octet_length", output_field=models.IntegerField()),
                        VECTOR_BYTES,
                    )
                ),
                name="embedding_has_its_length",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=DecidedBy.PRECEDENT, precedent__isnull=False)
                | (~Q(decided_by=DecidedBy.PRECEDENT) & Q(precedent__isnull=True)),
                name="embedding_names_its_precedent",
            ),
        ]

    def __str__(self) -> str:
        return f"Meaning of ticket {self.ticket_id}"


class SentenceModelInUse(models.Model):
    """One row: the model with which the worker gives second opinions, and when it last reported it."""

    sentence_model = models.CharField(max_length=40)
    seen_at = models.DateTimeField(db_default=StatementNow())

    def __str__(self) -> str:
        return self.sentence_model


EMBEDDING_TRIGGERS = [
    pgtrigger.Trigger(
        name="forget_embedding",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("OLD.description IS DISTINCT FROM NEW.description"),
        func="DELETE FROM tickets_ticketembedding WHERE ticket_id = NEW.id; RETURN NULL;",
    )
]
