import pytest
from django.core.management import CommandError, call_command

from messaging.actions import post_message
from messaging.models import Message
from tests.factories import HELPDESK, USER, make_ticket
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
KEPT = ("status", "category", "version", "opened_at", "modified_at", "activated_at", "closed_at")


def test_redact_blanks_the_texts_and_nothing_else():
    ticket = make_ticket(description="My password is hunter2", key="k")
    post_message(ticket, by=USER, body="hunter2, I said")
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    before = {name: getattr(ticket, name) for name in KEPT}
    events = ticket.events.count()
    call_command("redact", ticket.pk, reason="a password")
    ticket.refresh_from_db()
    assert {name: getattr(ticket, name) for name in KEPT} == before
    texts = [
        *Ticket.objects.values_list("description", flat=True),
        *Message.objects.values_list("body", flat=True),
    ]
    texts += TicketEvent.objects.values_list("description", flat=True)
    assert set(texts) == {"[redacted]"}
    assert "hunter2" not in str(ticket.triage_evidence)
    assert ticket.events.count() == events + 1
    last = ticket.events.last()
    assert (last.verb, last.reason) == ("redacted", "a password")


def test_redact_refuses_without_ticket_or_reason():
    with pytest.raises(CommandError, match="no ticket"):
        call_command("redact", 987654321, reason="x")
    with pytest.raises(CommandError, match="reason"):
        call_command("redact", make_ticket().pk, reason=" ")
