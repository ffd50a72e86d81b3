"""Taking up and closing at the desk: two people at once, and the result of a selection."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection

from tests.support.clients import enter
from tests.support.factories import make_ticket
from tests.support.pages import text_of
from tickets.models import Ticket

NOT_KNOWN = "It is not known whether this was saved"


@pytest.fixture
def ticket(db):
    return make_ticket(description="The lift is stuck")


def test_moves_go_one_step_at_a_time_and_show_a_notice(helpdesk, ticket):
    path = f"/desk/tickets/{ticket.pk}/"
    refused = helpdesk.post(f"{path}close/", {})
    assert refused.status_code == 409
    assert f"<h1>Ticket {ticket.pk} was not closed</h1><p>Take it up first.</p>" in text_of(refused)
    for verb, status in (("activate", "active"), ("close", "closed")):
        assert helpdesk.post(f"{path}{verb}/", {})["Location"] == path
        assert f"Ticket {ticket.pk} is now {status}." in text_of(helpdesk.get(path))
    assert "no more messages can be sent" in text_of(helpdesk.get(path))
    late = helpdesk.post(f"{path}activate/", {})
    assert late.status_code == 409
    assert f"<h1>Ticket {ticket.pk} is already closed</h1><p>You closed it just now.</p>" in text_of(late)


@pytest.mark.parametrize(
    ("before", "verb", "status", "words"),
    [("open", "activate", "active", "took it up"), ("active", "close", "closed", "closed it")],
)
def test_second_move_to_a_status_names_who_was_first_and_when(db, before, verb, status, words):
    ticket = make_ticket(before)
    path = f"/desk/tickets/{ticket.pk}/"
    anna, otto = enter("helpdesk", "Anna"), enter("helpdesk", "Otto")
    assert anna.post(f"{path}{verb}/", {}).status_code == 302
    version = Ticket.objects.get().version
    for client, who in ((otto, "Anna"), (anna, "you")):
        answer = client.post(f"{path}{verb}/", {})
        assert (answer.status_code, answer["Location"]) == (302, path)
        assert f"Ticket {ticket.pk} is already {status}: {who} {words} just now." in text_of(client.get(path))
    assert Ticket.objects.get().version == version
    assert otto.api("POST", f"tickets/{ticket.pk}/{verb}/").status_code == 409


def test_move_many_lists_moved_and_unmoved_tickets(helpdesk, db):
    waiting, busy = make_ticket("open"), make_ticket("active")
    form = {"ticket": [waiting.pk, busy.pk], "move": "activate", "next": "/desk/?status=open"}
    answer = helpdesk.post("/desk/move/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/?status=open")
    page = text_of(helpdesk.get("/desk/"))
    assert f"Ticket {waiting.pk} is now active." in page
    assert f"Already active: {busy.pk}, Hedda took it up just now." in page
    waiting.refresh_from_db()
    assert waiting.status == "active"


def test_move_many_closes_active_tickets(helpdesk, db):
    tickets = [make_ticket("active") for _ in range(3)]
    helpdesk.post("/desk/move/", {"ticket": [ticket.pk for ticket in tickets], "move": "close"})
    assert Ticket.objects.filter(status="closed").count() == 3


@pytest.mark.parametrize(
    "form", [{}, {"ticket": "1", "move": "delete"}, {"ticket": "x", "move": "close"}, {"move": "close"}]
)
def test_move_many_refuses_bad_input(helpdesk, db, form):
    assert helpdesk.post("/desk/move/", form).status_code == 400


def test_move_many_is_for_the_helpdesk_and_redirects_only_within_the_desk(user, helpdesk, db):
    ticket = make_ticket()
    form = {"ticket": ticket.pk, "move": "activate", "next": "https://elsewhere.example/desk/"}
    assert user.post("/desk/move/", form).status_code == 403
    assert helpdesk.post("/desk/move/", form)["Location"] == "/desk/"


def test_move_many_names_unmoved_and_missing_tickets(helpdesk, db):
    waiting, done = make_ticket("open"), make_ticket("closed")
    helpdesk.post("/desk/move/", {"ticket": [waiting.pk, done.pk, 987654], "move": "close"})
    page = text_of(helpdesk.get("/desk/"))
    assert f"Already closed: {done.pk}, Hedda closed it just now." in page
    stayed = f"{waiting.pk} was not closed: take it up first; 987654 does not exist."
    assert stayed in page


def test_move_many_refuses_more_than_a_page_and_moves_none(helpdesk, ticket):
    numbers = [ticket.pk, *range(1_000_000, 1_000_100)]
    answer = helpdesk.post("/desk/move/", {"ticket": numbers, "move": "activate"})
    assert answer.status_code == 400
    assert "Select 1 to 100 tickets; 101 are selected." in text_of(answer)
    ticket.refresh_from_db()
    assert ticket.status == "open"


@contextmanager
def locked_elsewhere(ticket: Ticket) -> Iterator[None]:
    """Somebody else changes this ticket and does not finish."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    known = connection.connection.info
    with psycopg.connect(**known.get_parameters(), password=known.password) as rival:
        rival.execute("SELECT FROM tickets_ticket WHERE id = %s FOR UPDATE", [ticket.pk])
        yield


@contextmanager
def database_lost(at: str, event: str, number: int = 0) -> Iterator[None]:
    """The server closes our connection when a row, or the one of this number, is written: before, or in the
    commit."""
    when = {"statement": "", "commit": "DEFERRABLE INITIALLY DEFERRED"}[at]
    which = f"WHEN (NEW.id = {number})" if number else ""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE OR REPLACE FUNCTION lose_database() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'
        """)
        cursor.execute(
            f"CREATE CONSTRAINT TRIGGER lose_database AFTER {event} {when}"
            f" FOR EACH ROW {which} EXECUTE FUNCTION lose_database()"
        )
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION lose_database CASCADE")


@pytest.mark.django_db(transaction=True)
def test_move_many_skips_and_names_a_locked_ticket(helpdesk):
    first, held, last = (make_ticket() for _ in range(3))
    form = {"ticket": [first.pk, held.pk, last.pk], "move": "activate"}
    with locked_elsewhere(held):
        assert helpdesk.post("/desk/move/", form).status_code == 302
        page = text_of(helpdesk.get("/desk/"))
    assert f"Tickets {first.pk}, {last.pk} are now active." in page
    assert f"{held.pk} is being changed by someone else: try again." in page
    assert [ticket.status for ticket in Ticket.objects.order_by("pk")] == ["active", "open", "active"]


@pytest.mark.django_db(transaction=True)
def test_move_of_a_locked_ticket_is_refused_with_a_message(helpdesk):
    helpdesk.client.raise_request_exception = False
    held = make_ticket()
    with locked_elsewhere(held):
        answer = helpdesk.post(f"/desk/tickets/{held.pk}/activate/", {})
    assert answer.status_code == 503
    assert "Someone else is changing this right now. Nothing was changed" in text_of(answer)


@pytest.mark.django_db(transaction=True)
def test_move_many_that_fails_changes_nothing_and_reports_it(helpdesk):
    helpdesk.client.raise_request_exception = False
    tickets = [make_ticket() for _ in range(3)]
    form = {"ticket": [ticket.pk for ticket in tickets], "move": "activate"}
    with database_lost("statement", "UPDATE ON tickets_ticket", tickets[1].pk):
        answer = helpdesk.post("/desk/move/", form)
    assert answer.status_code == 503
    assert "Nothing was changed" in text_of(answer)
    assert [ticket.status for ticket in Ticket.objects.all()] == ["open"] * 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/desk/move/", "/desk/tickets/{}/activate/"])
def test_move_with_a_lost_commit_is_reported_as_uncertain(helpdesk, path):
    helpdesk.client.raise_request_exception = False
    ticket = make_ticket()
    with database_lost("commit", "UPDATE ON tickets_ticket"):
        answer = helpdesk.post(path.format(ticket.pk), {"ticket": ticket.pk, "move": "activate"})
    page = text_of(answer)
    assert answer.status_code == 503
    assert NOT_KNOWN in page
    assert "Nothing was changed" not in page


@pytest.mark.django_db(transaction=True)
def test_analysis_request_with_a_lost_commit_is_reported_as_uncertain(helpdesk):
    helpdesk.client.raise_request_exception = False
    form = {"service": "unresolved", "period": "7", "period_unit": "d"}
    with database_lost("commit", "INSERT ON analytics_gateway_analysis"):
        answer = helpdesk.post("/desk/analytics/", form)
        program = helpdesk.api("POST", "tickets/", {"description": "The tap drips"})
    assert (answer.status_code, program.status_code) == (503, 201)
    assert NOT_KNOWN in text_of(answer)
