"""What is in the search index, however long a text is and whatever it contains."""

import random

import pytest
from django.db import connection

from common.roles import Role
from django_common.text_validation import MAX_TEXT_LENGTH
from messaging.actions import post_message
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import activate_ticket
from tickets.models import Ticket
from tickets.search import find_hits
from tickets.search_index import PublicWord, SearchWord

pytestmark = pytest.mark.django_db
FILLER = "lorem ipsum dolor sit amet " * 700
LIGATURES = (
    "\ufdf2\ufdf3\ufdf4\ufdf5\ufdf6\ufdf7\ufdf8"  # four letters of two bytes each, once they are spelled
)


def find_tickets(text: str, role: Role = Role.USER) -> list[Ticket]:
    return list(Ticket.objects.visible_to(role).matching(find_hits(text, role)))


def make_text_that_grows(seed: int) -> str:
    rng = random.Random(seed)
    codes = ("-".join("".join(rng.choices(LIGATURES, k=5)) for _ in range(3)) for _ in range(MAX_TEXT_LENGTH))
    return " ".join(next(codes) for _ in range(MAX_TEXT_LENGTH // 18))


def test_text_that_grows_by_normalisation_is_indexed():
    ticket = make_ticket(description=make_text_that_grows(0))
    for number in range(1, 3):
        post_message(ticket, by=USER, body=make_text_that_grows(number))
    ticket = activate_ticket(ticket, by=HELPDESK)
    post_message(ticket, by=USER, body="An oscilloscope")
    for word in ("oscilloscope", ticket.description.split()[0]):
        assert find_tickets(word) == [ticket]


@pytest.mark.parametrize("letters", ["\u6f22", "\u6f22\u5b57", "\u0e2b\u0e49\u0e2d\u0e07"])
def test_long_text_without_spaces_is_indexed_quickly(letters):
    text = (letters * MAX_TEXT_LENGTH)[:MAX_TEXT_LENGTH]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")
        cursor.execute("SELECT DISTINCT unnest(search_words(%s))", [text])
        words = {word for (word,) in cursor}
    assert words == set(text) | {text[n : n + 2] for n in range(MAX_TEXT_LENGTH - 1)}


def test_newest_messages_of_a_long_conversation_are_found():
    ticket = make_ticket(description="The oscilloscope is dark")
    for word in ("theodolite", "planimeter", "sextant", "astrolabe"):
        post_message(ticket, by=USER, body=f"{word} {FILLER}")
        post_message(ticket, by=HELPDESK, body=f"hidden{word} {FILLER}", is_internal=True)
    ticket = activate_ticket(ticket, by=HELPDESK)
    for text in ("oscilloscope", "astrolabe", "sextant planimeter oscilloscope"):
        assert find_tickets(text) == [ticket]
    assert find_tickets("hiddenastrolabe", Role.HELPDESK) == [ticket]


def test_message_adds_only_its_own_words():
    """Not those of the whole conversation again with every message."""
    ticket = make_ticket(description="The oscilloscope is dark")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_searchword")
        cursor.execute("DELETE FROM tickets_publicword")
    post_message(ticket, by=USER, body="And cold")
    post_message(ticket, by=HELPDESK, body="Ask Brunhilde", is_internal=True)
    assert set(SearchWord.objects.values_list("word", flat=True)) == {
        *("ursula", "and", "cold"),
        *("ask", "brunhilde"),
    }
    assert set(PublicWord.objects.values_list("word", flat=True)) == {"ursula", "and", "cold"}
