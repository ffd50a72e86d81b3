import pytest
from django.db import connection

from tests.support.factories import HELPDESK, USER, make_conversation, make_ticket
from tickets.actions import correct_category, edit_ticket, repair_ticket
from tickets.history import history_rows, visible_events
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_history_has_verbs_names_and_changes():
    ticket = make_ticket(description="The wifi is down")
    edit_ticket(ticket, by=USER, version=1, changes={"room": "12"})
    rows = list(history_rows(visible_events(ticket, "helpdesk"), "helpdesk"))
    assert [row.verb for row in rows] == ["opened", "edited"]
    assert (rows[1].by_name, rows[1].changes) == ("Ursula", {"room": ["", "12"]})


def test_each_history_row_stores_the_session():
    """It is never shown: the owner of the database can look it up after an abuse."""
    ticket = make_ticket()
    make_conversation(ticket)
    correct_category(ticket, by=HELPDESK, category="facility", version=ticket.version)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('campus.session', '', true), set_config('campus.role', '', true)")
    Ticket.objects.filter(pk=ticket.pk).update(room="7")
    stored = dict.fromkeys(visible_events(ticket, "helpdesk").values_list("by_role", "by_session"))
    assert list(stored) == [("user", USER.session), ("helpdesk", HELPDESK.session), ("database", "")]
    assert ticket.corrections.get().by_session == HELPDESK.session


def test_history_for_a_user_omits_notes():
    ticket = make_ticket()
    make_conversation(ticket)
    verbs = {
        role: [row.verb for row in history_rows(visible_events(ticket, role), role)]
        for role in ("user", "helpdesk")
    }
    assert verbs["user"] == ["opened", "messaged", "messaged"]
    assert verbs["helpdesk"] == ["opened", "messaged", "messaged", "noted"]


def test_history_leads_to_the_current_status():
    ticket = make_ticket("closed")
    statuses = [event.status for event in visible_events(ticket, HELPDESK.role)]
    assert statuses == ["open", "active", "closed"]


def test_later_page_of_history_is_compared_with_the_row_before_it():
    ticket = make_ticket()
    edit_ticket(ticket, by=USER, version=1, changes={"room": "12"})
    second = list(history_rows(visible_events(ticket, "user")[1:], "user"))
    assert second[0].changes == {"room": ["", "12"]}


def test_reason_of_a_repair_is_visible_only_to_the_helpdesk():
    ticket = make_ticket()
    repair_ticket(ticket, by=HELPDESK, reason="known complainer", changes={"room": "3"})
    reasons = {
        role: list(history_rows(visible_events(ticket, role), role))[-1].reason
        for role in ("user", "helpdesk")
    }
    assert reasons == {"user": "", "helpdesk": "known complainer"}
