"""What becomes of the rows between their files and the tables."""

import pytest

from tests.support.factories import make_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_import_unifies_the_spelling_of_a_building(load_text):
    """As it is written here already; else as most of its rows have it."""
    existing = make_ticket(building="Café Nord")
    written = ["CAFÉ NORD", "Cafe\u0301  Nord", "gym", "Gym", "Gym", "GYM", "", "Lab"]
    rows = [
        f"{existing.pk + n},open,2025-01-01T00:00:00Z,Dark stairs,{name}"
        for n, name in enumerate(written, start=1)
    ]
    load_text("\n".join(["id,status,opened_at,body,building", *rows]))
    stored = list(Ticket.objects.order_by("pk").values_list("building", flat=True))
    assert stored == ["Café Nord", "Café Nord", "Café Nord", "Gym", "Gym", "Gym", "Gym", "", "Lab"]
