"""Deadlocks and serialisation failures as PostgreSQL reports them, a known number of times."""

import pytest
from django.db import OperationalError, connection

from messaging.actions import post_message
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import activate_ticket, edit_ticket, open_ticket
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db(transaction=True)

# A sequence keeps counting when a transaction is rolled back.
FAILING = """
CREATE SEQUENCE attempts;
CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('attempts') <= {times} THEN RAISE EXCEPTION 'given up' USING ERRCODE = '{code}'; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER give_up AFTER INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION give_up();
"""


@pytest.fixture
def give_up():
    """give_up(times, code): PostgreSQL cancels that many writes of rows, then no more."""

    def start(times: int, code: str = "40P01", table: str = "tickets_ticket") -> None:
        with connection.cursor() as cursor:
            cursor.execute(FAILING.format(times=times, code=code, table=table))

    yield start
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS give_up CASCADE; DROP SEQUENCE IF EXISTS attempts")


def attempts() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM attempts")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_report_is_stored_once_after_three_deadlocks(give_up, code):
    give_up(3, code)
    ticket = open_ticket(by=USER, description="The lamp flickers", key="k")
    assert (attempts(), Ticket.objects.count()) == (4, 1)
    assert TicketEvent.objects.filter(pgh_obj=ticket).count() == 1


def test_fourth_deadlock_is_a_503_and_changes_nothing(give_up, user):
    ticket = make_ticket()
    give_up(4)
    path = f"tickets/{ticket.pk}/"
    response = user.api("PATCH", path, {"room": "12"}, If_Match='"1"')
    assert (response.status_code, attempts()) == (503, 4)
    assert response["Retry-After"]
    assert user.api("GET", path).json()["version"] == 1
    assert TicketEvent.objects.filter(pgh_obj=ticket).count() == 1


def test_api_report_is_repeated_as_a_whole_under_one_key(give_up, user):
    give_up(2)
    body = {"description": "The lamp flickers"}
    first, again = (user.api("POST", "tickets/", body, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.json()) == (201, first.json())
    assert Ticket.objects.count() == 1


def test_other_errors_are_not_retried(give_up):
    give_up(1, "55P03")  # lock_not_available
    with pytest.raises(OperationalError):
        open_ticket(by=USER, description="The lamp flickers")
    assert attempts() == 1


def test_every_writer_is_retried(give_up):
    ticket = make_ticket()
    give_up(1)
    edit_ticket(ticket, by=USER, version=1, changes={"description": "The tap drips"})
    for write in (activate_ticket, lambda t, by: post_message(t, by=by, body="We come")):
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval('attempts', 1, false)")
        write(ticket, by=HELPDESK)
        assert attempts() > 1
    assert (ticket.version, ticket.status, ticket.description) == (3, "active", "The tap drips")


def test_retried_edit_has_the_version_that_was_seen(give_up):
    """The correction's row fails after the ticket was read again."""
    ticket = make_ticket()
    give_up(1, table="tickets_correction")
    edit_ticket(ticket, by=HELPDESK, version=1, changes={"category": "services"})
    ticket.refresh_from_db()
    assert (ticket.version, ticket.category, ticket.corrections.count()) == (2, "services", 1)
