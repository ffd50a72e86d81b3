"""A ticket in which every text names somebody, and where its words could have stayed."""

from django.apps import apps
from django.test import Client

from common.roles import Caller, Role
from messaging.actions import post_message
from tests.support.clients import bearer
from tickets.actions import correct_category, edit_ticket, open_ticket, repair_ticket
from tickets.idempotency import store_response
from tickets.models import Ticket

NAMES, ROOM, SECRET = ("Xaverius", "Yolandine"), "Zimmer 77", "hunter2"
TRACES = {trace.casefold() for trace in (*NAMES, ROOM, SECRET, "zimm", "xaver", "yoland", "hunter")}


def make_secretive_ticket() -> Ticket:
    """One in which every text names somebody."""
    user = Caller(Role.USER, name=NAMES[0], session="pseudonym-1")
    desk = Caller(Role.HELPDESK, name=NAMES[1], session="pseudonym-2")
    text = f"{SECRET} of {NAMES[0]}"
    ticket = open_ticket(by=user, description=text, building="Hall", room=ROOM, key="form-key")
    store_response(by=user, key="form-key", body={"id": ticket.pk, "description": ticket.description})
    edit_ticket(ticket, by=user, version=ticket.version, changes={"room": f"{ROOM} b"})
    correct_category(ticket, by=desk, category="services", version=ticket.version)
    repair_ticket(ticket, by=desk, reason=f"{NAMES[0]} asked for it", changes={"building": "Hall 2"})
    post_message(ticket, by=user, body=f"{SECRET}, says {NAMES[0]}")
    post_message(ticket, by=desk, body=f"{NAMES[0]} has called", is_internal=True)
    return ticket


def read_facts() -> list[bytes]:
    """What every analysis counts, and nothing else."""
    response = Client().get("/api/v1/facts/", headers={"Accept": "text/csv"} | bearer("", "tickets:read"))
    assert response.status_code == 200
    return sorted(response.getvalue().splitlines())


def read_rows() -> dict[tuple[str, object], dict]:
    """Every row of every table, by table and key."""
    return {
        (model._meta.db_table, row[model._meta.pk.attname]): row
        for model in apps.get_models()
        if model._meta.managed
        for row in model._default_manager.values()
    }
