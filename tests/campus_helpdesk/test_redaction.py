import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client

from campus_helpdesk.invariants import check_invariants, one_snapshot
from messaging.actions import post_message
from messaging.models import Message
from tests.analytics_gateway.factories import make_done
from tests.analytics_gateway.test_worker_api import bearer
from tests.factories import HELPDESK, USER, make_conversation, make_ticket
from tickets.actions import activate_ticket, close_ticket, correct_category
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


def read_facts() -> list[bytes]:
    """What every analysis counts, and nothing else does."""
    answer = Client().get("/api/v1/facts/", headers={"Accept": "text/csv"} | bearer("", "tickets:read"))
    assert answer.status_code == 200
    return sorted(answer.getvalue().splitlines())


def read_rows() -> dict[tuple[str, object], dict]:
    """Every row of every table, by table and key."""
    return {
        (model._meta.db_table, row[model._meta.pk.attname]): row
        for model in apps.get_models()
        if model._meta.managed
        for row in model._default_manager.values()
    }


@pytest.mark.django_db(transaction=True)
def test_redact_changes_no_number_and_no_other_row():
    ticket = make_ticket(description="My password is hunter2", building="Hall", key="k")
    make_conversation(ticket)
    correct_category(ticket, by=HELPDESK, category="it", version=ticket.version)
    make_conversation(make_ticket("active", description="Another text"))
    make_done()
    facts, before = read_facts(), read_rows()
    call_command("redact", ticket.pk, reason="a password")
    after = read_rows()
    assert read_facts() == facts
    assert "hunter2" not in str(after)
    mine = {("tickets_ticket", ticket.pk)}
    mine |= {("messaging_message", pk) for pk in ticket.messages.values_list("pk", flat=True)}
    mine |= {("tickets_ticketevent", pk) for pk in ticket.events.values_list("pk", flat=True)}
    assert {key for key in after if after[key] != before.get(key)} == mine
    assert [key for key in before if key not in after] == []
    with one_snapshot():
        assert [finding for finding in check_invariants() if finding.violations] == []


def test_redact_refuses_without_ticket_or_reason():
    with pytest.raises(CommandError, match="no ticket"):
        call_command("redact", 987654321, reason="x")
    with pytest.raises(CommandError, match="reason"):
        call_command("redact", make_ticket().pk, reason=" ")
