"""The search index: the words of each ticket in one row beside it, which triggers keep up to date.

A row contains the words of the description, location, reporter's name and messages as `search_words` spells
them (migration 0009), those of internal notes prefixed with NOTE_PREFIX, and its status prefixed with
STATUS_PREFIX. No typed word begins with these prefixes, so no search by a user can reach a note.
"""

from collections.abc import Iterable

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models import F

from django_common.triggers import unless_bypassed
from tickets.search_terms import MAX_LEXEME_LENGTH
from tickets.triggers import IMPORTING, REDACTING, RESPELLING

NOTE_PREFIX, STATUS_PREFIX = "~", "!"
SEARCHED = ("description", "building", "room", "opener_name", "status")
PENDING_LIST_KB = 512  # every search reads the index's pending list, so it must stay short
BLOCK_BITS = 14  # the index also holds blocks of 16,384 neighbouring tickets: the newest are searched first


class TicketSearch(models.Model):
    ticket = models.OneToOneField(
        "tickets.Ticket", models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False
    )
    vector = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(
                F("vector"),
                F("ticket").bitrightshift(BLOCK_BITS),
                name="search_by_word_and_block",
                gin_pending_list_limit=PENDING_LIST_KB,
            )
        ]

    def __str__(self) -> str:
        return f"Words of ticket {self.ticket_id}"


class SearchWord(models.Model):
    """A word that occurs in some ticket, for parts of words and typing errors in searches of the desk.

    Not unique, so that no transaction waits for another one to learn whether a word exists.
    """

    word = models.CharField(max_length=MAX_LEXEME_LENGTH)

    class Meta:
        indexes = [
            models.Index(OpClass(F("word"), name="varchar_pattern_ops"), name="search_word_by_beginning"),
            GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="search_word_by_part"),
        ]

    def __str__(self) -> str:
        return self.word


class PublicWord(models.Model):
    """A word that users see in a ticket, and one such ticket; for typing errors and parts of words in their
    searches.

    Kept apart from the other words, so that a user's hits reveal nothing about those. Not unique either. The
    ticket is replaced as soon as users do not see the word there any more.
    """

    word = models.CharField(max_length=MAX_LEXEME_LENGTH)
    ticket = models.ForeignKey("tickets.Ticket", models.DO_NOTHING, related_name="+", db_constraint=False)

    class Meta:
        indexes = [
            models.Index(fields=["word"], name="public_word"),
            GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="public_word_by_part"),
        ]

    def __str__(self) -> str:
        return self.word


def index_tickets(ids: str) -> None:
    """Writes the search rows of many tickets at once. ids: an SQL query for their ids."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT search_index(ARRAY({ids}))")


def spell_words(texts: Iterable[str]) -> list[str]:
    """The words of texts as they are in the index."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ARRAY(SELECT DISTINCT unnest(search_words(text)) FROM unnest(%s::text[]) AS text)",
            [list(texts)],
        )
        return cursor.fetchone()[0]


def forget_words(words: list[str]) -> None:
    """Deletes words that no ticket contains any more."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_forget(%s)", [words])


def differs(*fields: str, unless: tuple[str, ...] = (REDACTING,)) -> pgtrigger.Condition:
    """Whether an update changes one of the fields. Redaction and new names of places change many rows and
    write the words once."""
    old, new = (", ".join(f"{side}.{field}" for field in fields) for side in ("OLD", "NEW"))
    return unless_bypassed(*unless, condition=f"({old}) IS DISTINCT FROM ({new})")


def index_after(
    operation: pgtrigger.Operation, condition: pgtrigger.Condition, func: str
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=f"search_{operation}".lower(),
        when=pgtrigger.After,
        operation=operation,
        condition=condition,
        func=f"{func} RETURN NULL;",
    )


TICKET_INDEX_TRIGGERS = [
    index_after(pgtrigger.Insert, unless_bypassed(IMPORTING), "PERFORM search_index(ARRAY[NEW.id]);"),
    index_after(
        pgtrigger.Update,
        differs(*SEARCHED, unless=(REDACTING, RESPELLING)),
        "PERFORM search_index(ARRAY[NEW.id]);",
    ),
    pgtrigger.Trigger(
        name="search_truncate",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Truncate,
        func="DELETE FROM tickets_ticketsearch; DELETE FROM tickets_searchword;"
        " DELETE FROM tickets_publicword; RETURN NULL;",
    ),
]
MESSAGE_INDEX_TRIGGERS = [
    index_after(
        pgtrigger.Insert,
        unless_bypassed(IMPORTING),
        "PERFORM search_append(NEW.ticket_id, NEW.author_role, NEW.author_name, NEW.body, NEW.is_internal);",
    ),
    index_after(
        pgtrigger.Update,
        differs("body", "author_name"),
        "PERFORM search_index(ARRAY[NEW.ticket_id]);",
    ),
]
