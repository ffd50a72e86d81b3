"""Every kind of object and every kind of caller, for the access tests."""

import re
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie

import jwt
from django.conf import settings
from django.test import Client

from analytics_gateway.models import Pin
from incoming_mail.models import IncomingMail, State
from messaging.models import Message
from notifications.models import NotificationSettings
from places.edits import PlaceFields
from places.models import Building, MergeProposal, PlaceChange, Room
from tests.support.analyses import make_done, make_schedule
from tests.support.audience import ROUTES, SOME_UUID, fill
from tests.support.clients import enter
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tests.support.mail_servers import make_subscription
from tests.support.staged_photos import make_photo, upload
from tickets.models import Ticket, TicketEvent
from tickets.place_actions import save_place

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
STATES = ("missing", "open", "active", "closed")
CALLERS = ("nobody", "user", "opener", "helpdesk", "reader", "writer", "forger")
TEXTS = {"description": "The lamp flickers again", "body": "Is anybody coming?", "key": "one-key"}
TICKET_ROUTES = [
    *("portal:ticket", "portal:messages", "portal:edit", "portal:category"),
    *(
        "portal:sent",
        "portal:link",
        "portal:mail",
        "portal:me_too",
        "portal:follow",
        "portal:unfollow",
        "portal:next",
        "portal:previous",
        "desk:next",
        "desk:previous",
    ),
    *("desk:ticket", "desk:messages", "desk:edit", "desk:category", "desk:activate", "desk:close"),
    *("desk:proposals", "desk:merge", "desk:unmerge", "ticket-merge"),
    *("ticket-detail", "ticket-activate", "ticket-close", "ticket-history", "conversation"),
    "ticket-attachments",
]


@dataclass(frozen=True)
class Cell:
    route: str
    method: str
    caller: str
    state: str = "-"


class AccessTargets:
    """A ticket with a conversation in each status, one of every other object, and all callers."""

    def __init__(self):
        sessions = {name: enter(name.replace("opener", "user")) for name in ("user", "opener", "helpdesk")}
        made = [
            sessions["opener"].api("POST", "tickets/", {"description": f"The tap {n} drips"}) for n in "123"
        ]
        self.tickets = {
            state: Ticket.objects.get(pk=answer.json()["id"])
            for state, answer in zip(STATES[1:], made, strict=True)
        }
        for ticket in self.tickets.values():
            make_conversation(ticket)
        for state, verbs in {"active": ["activate"], "closed": ["activate", "close"]}.items():
            for verb in verbs:
                path = f"tickets/{self.tickets[state].pk}/{verb}/"
                assert sessions["helpdesk"].api("POST", path).status_code == 200
        for ticket in self.tickets.values():
            ticket.refresh_from_db()
        self.tickets["missing"] = Ticket(pk=987654321, version=1)
        self.kept = make_ticket(description="All taps drip")
        self.mail = IncomingMail.objects.create(identity="mail", state=State.SET_ASIDE, text="The tap drips.")
        self.delivery = make_subscription(self.kept, is_confirmed=False).deliveries.get()
        self.analysis, self.schedule = make_done(), make_schedule()
        building = save_place(None, by=HELPDESK, fields=PlaceFields("Gym"))
        save_place(None, by=HELPDESK, fields=PlaceFields("Court"), building=building)
        self.photo = make_photo(self.tickets["open"])
        other = save_place(None, by=HELPDESK, fields=PlaceFields("Gymn"))
        self.building, self.proposal = building, MergeProposal.objects.create(first=building, second=other)
        # A migration makes it; other tests may have emptied the table.
        NotificationSettings.objects.get_or_create(pk=1)
        self.pin = Pin.objects.create(service="unresolved", params={"period": "30d"})
        nobody = Client(enforce_csrf_checks=True)
        nobody.get("/")
        browsers = {name: session.client for name, session in sessions.items()}
        browsers |= dict.fromkeys(("nobody", "reader", "writer"), nobody) | {"forger": browsers["helpdesk"]}
        self.cookies = {name: browser.cookies.output(header="") for name, browser in browsers.items()}
        self.client = Client(enforce_csrf_checks=True, raise_request_exception=False)

    def token(self, caller: str) -> str:
        now = int(time.time())
        claims = {"iss": "test", "aud": "campus-helpdesk", "role": "helpdesk", "iat": now, "exp": now + 60}
        claims |= {"reader": {"scope": "tickets:read"}}.get(
            caller, {"scope": "analysis:write", "analysis": str(self.analysis.pk)}
        )
        key = settings.SERVICE_KEY if caller != "forger" else settings.SECRET_KEY
        return jwt.encode(claims, key)

    def address(self, route: str, state: str) -> str:
        things = {"desk:pin_card": self.pin, "desk:unpin": self.pin, "place-detail": self.building}
        things["desk:dismiss_proposal"] = self.proposal
        things |= dict.fromkeys(("desk:mail", "desk:mail_ticket", "desk:discard_mail"), self.mail)
        things |= dict.fromkeys(("desk:pause", "desk:resume", "desk:delete"), self.schedule)
        thing = things.get(route) or self.tickets.get(state) or self.tickets["open"]
        uuid = self.photo.pk if "photo" in route or "attachment" in route else self.analysis.pk
        uuid = self.delivery.pk if "delivery" in route else uuid
        return fill(ROUTES[route], thing).replace(SOME_UUID, str(uuid))

    def admin_address(self, pattern: str) -> str:
        kinds = {"/ticketevent/": TicketEvent, "/message/": Message, "/building/": Building}
        kinds |= {"/room/": Room, "/placechange/": PlaceChange}
        kinds |= {"/notificationsettings/": NotificationSettings}
        found = [model.objects.first() for part, model in kinds.items() if part in pattern]
        row = found[0] if found else self.tickets["open"]
        address = re.sub(r"<path:\w+>", str(row.pk), pattern)
        return re.sub(r"\^\(\?P<app_label>.*\)/\$", "tickets/", address)

    def request(self, cell: Cell, address: str = "", body: dict | None = None, **headers: str):
        """Sends the request of a cell with everything that its caller needs to be granted access."""
        address = address or self.address(cell.route, cell.state)
        self.client.cookies = SimpleCookie(self.cookies[cell.caller])
        headers |= {"X-CSRFToken": self.client.cookies["csrftoken"].value}
        if cell.caller in ("reader", "writer", "forger"):
            headers["Authorization"] = f"Bearer {self.token(cell.caller)}"
        version = self.tickets.get(cell.state, self.tickets["open"]).version
        send = getattr(self.client, cell.method.lower())
        if cell.method in ("GET", "HEAD"):
            return send(address, headers=headers)
        if cell.route == "analysis-result" and cell.method == "POST":
            return send(address, {"attempt": 1}, headers=headers)
        if cell.route == "attachments" and cell.method == "POST":
            return send(address, {"photo": upload()}, headers=headers | {"Idempotency-Key": "one-key"})
        if address.startswith("/api/"):
            fields = body or ({"room": "9"} if cell.method == "PATCH" else self.fields(cell.route))
            headers = {"If-Match": f'"{version}"'} | headers
            return send(address, fields, content_type="application/json", headers=headers)
        form = TEXTS | {"version": version, "category": "it", "role": "user", "theme": "dark"} | (body or {})
        form |= {"move": "activate", "ticket": self.tickets["open"].pk, "into": self.kept.pk}
        if cell.method == "POST":
            return send(address, form, headers=headers)
        return send(address, b"", headers=headers)

    def send(self, cell: Cell, body: bytes, **headers: str):
        """Custom body and headers, as bytes: JSON to the API, a form to a page."""
        self.client.cookies = SimpleCookie(self.cookies[cell.caller])
        address = self.address(cell.route, cell.state)
        kind = "application/json" if address.startswith("/api/") else "application/x-www-form-urlencoded"
        headers |= {"X-CSRFToken": self.client.cookies["csrftoken"].value}
        return self.client.generic(cell.method, address, body, kind, headers=headers)

    def fields(self, route: str) -> dict:
        if route == "analyses":
            return {"service": "active-by-category"}
        if route.startswith("analysis-"):
            return {"attempt": 1}
        if route == "ticket-merge":
            return {"into": self.kept.pk}
        return {"description": TEXTS["description"]} if route == "ticket-list" else {"body": TEXTS["body"]}
