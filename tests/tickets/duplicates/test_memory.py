"""What is remembered of texts ends by itself, so that a redacted one is not kept."""

import pytest

from messaging.redaction import redact_ticket
from tests.support.factories import make_ticket
from tickets.duplicates import memory
from tickets.duplicates.reading import Report, known_things
from tickets.duplicates.similar import find_similar
from tickets.duplicates.terms import find_compound
from tickets.models import Ticket

LIFT = Report("The lift is stuck between two floors", "Library", "Lobby", "facility")


def remembered() -> list[int]:
    return [cache.cache_info().currsize for cache in memory.CACHES]


@pytest.fixture
def secret_lift(db):
    return make_ticket(description="Lift stuck, says Xaverius", building="Library", room="Lobby")


def test_redacted_text_is_forgotten_after_a_while(secret_lift, monkeypatch):
    find_similar(LIFT, Ticket.objects.all())
    assert find_compound.cache_info().currsize > 0
    redact_ticket(secret_lift, reason="A name")
    monkeypatch.setattr(memory, "_began_at", memory._began_at - memory.SECONDS)
    find_similar(Report("Nothing of the kind"), Ticket.objects.all())
    misses = find_compound.cache_info().misses
    known_things().find_word("xaverius")
    assert find_compound.cache_info().misses == misses + 1


def test_texts_are_remembered_meanwhile(secret_lift):
    find_similar(LIFT, Ticket.objects.all())
    before = remembered()
    find_similar(LIFT, Ticket.objects.all())
    assert remembered() == before


def test_everything_is_forgotten_at_once(secret_lift, monkeypatch):
    find_similar(LIFT, Ticket.objects.all())
    assert min(remembered()) > 0
    monkeypatch.setattr(memory, "_began_at", memory._began_at - memory.SECONDS)
    memory.forget_after_a_while()
    assert remembered() == [0] * len(memory.CACHES)
