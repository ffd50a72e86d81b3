import numpy as np
import pytest
from django.core.management import call_command

from tests.support.factories import HELPDESK, USER, make_ticket, row, shift
from tests.support.second_readings import make_moved_ticket
from tests.support.sentence_models import needs_sentence_model
from tickets.actions import correct_category, edit_ticket
from tickets.embeddings import DecidedBy, TicketEmbedding
from tickets.history import find_opener_role
from tickets.learning import second_reading
from tickets.learning.second_reading import RECENT, find_waiting, read_waiting_tickets
from tickets.models import Ticket
from tickets.second_opinions import find_second_opinion, find_sentence_model_in_use
from tickets.triage import classify, load_shipped_model
from tickets.triage.second_opinion import judge
from tickets.triage.sentence_model import SENTENCE_MODEL

pytestmark = [pytest.mark.django_db, needs_sentence_model]
MODEL = load_shipped_model()
CHARGER = "The charging station for electric scooters shows an error on its display"
SAME_CHARGER = "The display of the electric scooter charging station shows an error"


def find_misread() -> str:
    """A text whose words and meaning disagree, whatever the shipped models are."""
    parts = ["lamp", "wifi", "gravy", "porter", "lorries", "scans", "queue", "notebook", "portakabin", "stew"]
    texts = [f"The {first} of the {second} sways" for first in parts for second in parts if first != second]
    return next(text for text in texts if judge(text, MODEL).category != classify(text, MODEL).category)


def test_waiting_ticket_gets_the_category_of_both_models():
    ticket = make_ticket(description=find_misread())
    agreed = make_ticket(description="The lamp in the corridor is broken")
    assert read_waiting_tickets() == 2
    ticket.refresh_from_db()
    assert ticket.category == judge(ticket.description, MODEL).category
    assert find_second_opinion(ticket).decided_by == DecidedBy.MEANING
    assert (Ticket.objects.get(pk=agreed.pk).version, agreed.embedding.decided_by) == (1, DecidedBy.WORDS)
    assert find_sentence_model_in_use() == SENTENCE_MODEL
    assert read_waiting_tickets() == 0


def test_ticket_waits_once_for_each_text():
    ticket = make_ticket(description="The lamp is broken")
    read_waiting_tickets()
    assert find_waiting() == []
    edit_ticket(ticket, by=USER, version=ticket.version, changes={"description": "The tap drips"})
    assert find_waiting() == [ticket]


def test_old_and_closed_and_redacted_tickets_do_not_wait():
    make_ticket("closed")
    shift(make_ticket(), back=RECENT)
    call_command("redact", make_ticket().pk, reason="a password")
    assert find_waiting() == []


def test_newest_ticket_is_read_first_and_a_turn_has_an_end(monkeypatch):
    monkeypatch.setattr(second_reading, "BATCH", 2)
    tickets = [make_ticket() for _ in range(3)]
    assert find_waiting() == [tickets[2], tickets[1]]
    assert (read_waiting_tickets(), read_waiting_tickets(), read_waiting_tickets()) == (2, 1, 0)


def test_decision_of_the_helpdesk_gets_a_vector_and_stays():
    ticket = make_ticket(description="The lamp is broken")
    correct_category(ticket, by=HELPDESK, category="it", version=1)
    before = row(ticket)
    assert read_waiting_tickets() == 1
    assert row(ticket) == before
    assert TicketEmbedding.objects.filter(ticket=ticket).exists()


def test_correction_counts_at_once_for_a_similar_ticket():
    wrong = judge(SAME_CHARGER, MODEL).category
    right = "services" if wrong != "services" else "facility"
    assert classify(CHARGER, MODEL).category == wrong
    precedent = make_moved_ticket(CHARGER, to=right)
    other = make_ticket(description="The wifi in the library is slow")
    read_waiting_tickets()
    similar = make_ticket(description=SAME_CHARGER)
    read_waiting_tickets()
    similar.refresh_from_db()
    assert (similar.category, similar.category_source, similar.needs_review) == (right, "machine", False)
    assert find_second_opinion(similar).precedent_id == precedent.pk
    assert similar.events.last().reason == f"Like ticket {precedent.pk}, which staff moved."
    assert Ticket.objects.get(pk=other.pk).category == "it"
    assert find_opener_role(similar) == "user"


def test_confirmed_similar_ticket_speaks_against_it():
    category = judge(SAME_CHARGER, MODEL).category
    confirmed = make_ticket(description=CHARGER)
    correct_category(confirmed, by=HELPDESK, category=confirmed.category, version=1)
    read_waiting_tickets()
    similar = make_ticket(description=SAME_CHARGER)
    read_waiting_tickets()
    assert Ticket.objects.get(pk=similar.pk).category == category


def test_ticket_that_changes_while_it_is_read_waits_again(monkeypatch):
    ticket = make_ticket(description="The lamp is broken")
    embed = second_reading.embed

    def embed_slowly(texts):
        edit_ticket(ticket, by=USER, version=1, changes={"description": "The tap drips"})
        return embed(texts)

    monkeypatch.setattr(second_reading, "embed", embed_slowly)
    read_waiting_tickets()
    assert find_waiting() == [ticket]
    assert not TicketEmbedding.objects.exists()


@pytest.fixture
def forget_unreadable():
    second_reading.unreadable.clear()
    yield
    second_reading.unreadable.clear()


def fail_to_embed(texts):
    raise RuntimeError("the engine failed")


def embed_without_numbers(texts):
    return np.full((len(texts), 384), np.nan, np.float32)


@pytest.mark.parametrize("broken", [fail_to_embed, embed_without_numbers])
@pytest.mark.usefixtures("forget_unreadable")
def test_ticket_that_cannot_be_read_does_not_stop_those_behind_it(monkeypatch, broken):
    embed = second_reading.embed
    monkeypatch.setattr(second_reading, "BATCH", 1)
    monkeypatch.setattr(
        second_reading, "embed", lambda texts: (broken if texts == ["The jinx"] else embed)(texts)
    )
    behind = make_ticket(description="The lamp is broken")
    jinx = make_ticket(description="The jinx")
    read_waiting_tickets()
    read_waiting_tickets()
    assert list(TicketEmbedding.objects.values_list("ticket", flat=True)) == [behind.pk]
    edit_ticket(jinx, by=USER, version=1, changes={"description": "The tap drips"})
    read_waiting_tickets()
    assert TicketEmbedding.objects.filter(ticket=jinx).exists()
