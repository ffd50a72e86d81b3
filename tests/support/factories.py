"""Tickets for tests, made by the product's own actions."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from django.db import connection, transaction

from campus_helpdesk.entrance.browsers import digest_browser
from common.roles import Caller, Role
from messaging.actions import post_message
from tickets.actions import activate_ticket, close_ticket, correct_category, open_ticket
from tickets.following.actions import make_link
from tickets.following.models import Follower, Reason
from tickets.following.secrets import derive_secret
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.ticket_counters import recount

USER = Caller(Role.USER, name="Ursula", session="session-of-ursula")
OTHER_USER = Caller(Role.USER, name="Otto", session="session-of-otto")
HELPDESK = Caller(Role.HELPDESK, name="Hedda", session="session-of-hedda")
numbers = count(1)


def with_browser(name: str, by: Caller = OTHER_USER) -> Caller:
    """The caller in a browser of this name."""
    return replace(by, browser=digest_browser(name))


def make_ticket(status: str = "open", *, description: str = "", by: Caller = USER, **fields) -> Ticket:
    """A ticket in this status, moved there step by step."""
    text = description or f"The lamp in room {next(numbers)} flickers"
    ticket = open_ticket(by=by, description=text, **fields)
    if status != Status.OPEN:
        activate_ticket(ticket, by=HELPDESK)
    if status == Status.CLOSED:
        close_ticket(ticket, by=HELPDESK)
    return ticket


def make_conversation(ticket: Ticket) -> None:
    """A question, an answer, an internal note."""
    post_message(ticket, by=USER, body="Is anybody coming?")
    post_message(ticket, by=HELPDESK, body="A technician is on the way.")
    post_message(ticket, by=HELPDESK, body="Spare part ordered", is_internal=True)


TOKEN = "a-browsers-own-token-22"


def make_secret(ticket: Ticket, token: str = TOKEN) -> str:
    """The secret of a link to the ticket, made for the browser with this token."""
    by = replace(USER, browser=digest_browser(token))
    reasons = {"reason": Reason.REPORTED, "own_reason": Reason.REPORTED}
    Follower.objects.get_or_create(
        ticket=ticket, browser=by.browser, defaults=reasons | {"seen_at": ticket.modified_at}
    )
    return derive_secret(token, make_link(ticket, by=by, token=token).nonce)


@transaction.atomic
def shift(ticket: Ticket, back: timedelta) -> Ticket:
    """The same ticket with all timestamps earlier: time passes in tests too."""
    columns = ("opened_at", "modified_at", "activated_at", "first_answered_at", "closed_at")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        assignments = ", ".join(f"{name} = {name} - %s" for name in columns)
        assignments += ", changed_xid = pg_current_xact_id()::text::bigint"  # as the trigger would
        cursor.execute(
            f"UPDATE tickets_ticket SET {assignments} WHERE id = %s", [back] * len(columns) + [ticket.pk]
        )
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    recount()  # no trigger has seen them
    ticket.refresh_from_db()
    return ticket


@transaction.atomic
def store_as_is(tickets: list[Ticket]) -> None:
    """Tickets with given timestamps, as an import would store them."""
    for ticket in tickets:
        ticket.description = ticket.description or "The tap drips"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        Ticket.objects.bulk_create(tickets)
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    recount()  # no trigger has seen them


LAMP, LAPTOP = "The lamp in the corridor is broken", "The wifi is slow on my laptop"


def file(ticket: Ticket, category: str, by=HELPDESK) -> Ticket:
    return correct_category(ticket, by=by, category=category, version=ticket.version)


def row(ticket: Ticket) -> dict:
    """All its columns as they are stored."""
    return Ticket.objects.filter(pk=ticket.pk).values().get()
