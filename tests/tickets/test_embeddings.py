import pytest
from django.db import IntegrityError, connection, transaction

from tests.support.factories import HELPDESK, USER, make_ticket
from tests.support.second_readings import VECTOR
from tickets.actions import activate_ticket, edit_ticket, repair_ticket
from tickets.embeddings import TicketEmbedding

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_ticket():
    ticket = make_ticket(description="The lamp is broken")
    TicketEmbedding.objects.create(ticket=ticket, sentence_model="model 1", vector=VECTOR)
    return ticket


def change_by_sql(ticket):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE tickets_ticket SET description = 'The tap drips'")


@pytest.mark.parametrize(
    "change",
    [
        lambda ticket: edit_ticket(ticket, by=USER, version=1, changes={"description": "The tap drips"}),
        lambda ticket: repair_ticket(
            ticket, by=HELPDESK, reason="typo", changes={"description": "The tap drips"}
        ),
        change_by_sql,
    ],
)
def test_vector_is_deleted_when_the_text_changes(read_ticket, change):
    change(read_ticket)
    assert not TicketEmbedding.objects.exists()


def test_vector_stays_if_the_text_does_not_change(read_ticket):
    edit_ticket(read_ticket, by=USER, version=1, changes={"room": "12"})
    activate_ticket(read_ticket, by=HELPDESK)
    assert TicketEmbedding.objects.filter(ticket=read_ticket).exists()


@pytest.mark.parametrize(
    "bad", [{"vector": b""}, {"vector": bytes(769)}, {"decided_by": "precedent"}, {"precedent_id": 1}]
)
def test_incomplete_row_is_refused(bad):
    ticket = make_ticket()
    values = {"sentence_model": "model 1", "vector": VECTOR} | bad
    if "precedent_id" in bad:
        values["precedent_id"] = ticket.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        TicketEmbedding.objects.create(ticket=ticket, **values)
