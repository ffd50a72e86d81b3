"""Parts of words and typing errors; and that words in notes and closed tickets change nothing for a user."""

from collections.abc import Callable
from itertools import islice, product

import pytest
from django.db import transaction

from common.roles import Role
from messaging.actions import post_message
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import close_ticket, edit_ticket
from tickets.models import Ticket
from tickets.search import find_hits
from tickets.search_index import PublicWord
from tickets.similar_words import MAX_EXTENSIONS, MAX_WORDS

HIDDEN = "kuendigung abendigung vollendigungen kundigungen lampendigung"
# By prefixes, parts and typing errors; of hidden words and of others.
TYPED = [
    *("kuen", "kuend", "kuendi", "kuendig", "kuendigu", "kuendigung", "kund", "voll", "vollendi", "abendi"),
    *("endigung", "endi", "ndigung", "ndigu", "undig", "gungen", "digu", "lampe"),
    *("kuendigunk", "kuendgung", "kuendigugn", "kundigunken", "abendigunk", "kuendigungx", "zendigung"),
    *("lamp kuendigung", "lamp kuendigunk", "lamp endigung", "lamp voll", "qqqq kuendigunk lamp"),
]
pytestmark = pytest.mark.django_db


def find_tickets(text: str, role: Role = Role.USER) -> list[Ticket]:
    return list(Ticket.objects.visible_to(role).matching(find_hits(text, role)).order_by("pk"))


def spell_words(shape: str, count: int) -> str:
    endings = islice(product("bcdfghjklm", repeat=3), count)
    return " ".join(shape.format("".join(ending)) for ending in endings)


def fill_limits_but_for_one_word() -> None:
    """As a user would who wants to find out whether there is another word."""
    make_ticket(description=spell_words("a{}endigung", MAX_WORDS - 1))
    make_ticket(description="zzendigung")
    make_ticket(description=spell_words("kuend{}", MAX_EXTENSIONS - 1))
    make_ticket(description="kuend" + "x" * 31)
    make_ticket(description="The lamp flickers")


def hide_nothing() -> None:
    make_ticket("closed", description="Tap")


def hide_in_note() -> None:
    post_message(make_ticket(description="Tap"), by=HELPDESK, body=HIDDEN, is_internal=True)


def hide_in_closed_ticket() -> None:
    make_ticket("closed", description=f"Tap {HIDDEN}")


def hide_in_ticket_that_was_public() -> None:
    ticket = make_ticket("active", description="Tap")
    post_message(ticket, by=USER, body=HIDDEN)
    close_ticket(ticket, by=HELPDESK)


def read_answers(hide: Callable[[], None]) -> dict[str, tuple]:
    """What a user gets for each text; rolled back."""
    with transaction.atomic():
        hide()
        fill_limits_but_for_one_word()
        texts = dict(Ticket.objects.values_list("pk", "description"))
        answers = {}
        for text in TYPED:
            hits = find_hits(text, Role.USER)
            tiers = [sorted(texts[pk] for pk in tier) for tier in hits.tiers]
            answers[text] = (tiers, hits.scan_query, hits.is_dense, hits.notices)
        transaction.set_rollback(True)
    return answers


@pytest.mark.parametrize("hide", [hide_in_note, hide_in_closed_ticket, hide_in_ticket_that_was_public])
def test_hidden_words_change_nothing_that_a_user_finds(hide):
    assert read_answers(hide) == read_answers(hide_nothing)


def test_prefix_finds_words_of_any_length():
    ticket = make_ticket(
        description="Donaudampfschifffahrtsgesellschaftskapitaen Obst\u0301\u0327garten\u20dd"
    )
    for text in ("Donaudampf", "obst"):
        assert [find_tickets(text, role) for role in Role] == [[ticket], [ticket]]


def test_part_of_a_word_is_found_while_a_visible_ticket_has_it():
    first = make_ticket("active", description="Heizungsproblem")
    second = make_ticket("active", description="The Heizungsproblem again")
    assert find_tickets("problem") == [first, second]
    close_ticket(first, by=HELPDESK)
    assert find_tickets("problem") == find_tickets("heizungsprobelm") == [second]
    edit_ticket(second, by=HELPDESK, version=second.version, changes={"description": "The tap drips"})
    assert find_tickets("problem") == find_tickets("heizungsprobelm") == []
    assert not PublicWord.objects.filter(word="heizungsproblem").exists()
    third = make_ticket(description="The lamp flickers")
    post_message(third, by=USER, body="And it is a Heizungsproblem")
    assert find_tickets("problem") == find_tickets("heizungsprobelm") == [third]


def test_words_of_notes_and_closed_tickets_are_not_public():
    post_message(make_ticket(description="Tap"), by=HELPDESK, body="Vandalism", is_internal=True)
    make_ticket("closed", description="Sabotage")
    public = set(PublicWord.objects.values_list("word", flat=True))
    assert {"tap", "ursula"} <= public
    assert not {"vandalism", "sabotage"} & public


def test_outdated_public_word_changes_nothing_that_a_user_finds():
    """Two changes at once may leave one: the word of a ticket that is closed by now, under another ticket."""
    other = make_ticket(description="The lamp flickers")
    make_ticket("closed", description="Tap kuendigung")
    before = [find_hits(text, Role.USER) for text in TYPED]
    PublicWord.objects.create(word="kuendigung", ticket=other)
    assert [find_hits(text, Role.USER) for text in TYPED] == before
