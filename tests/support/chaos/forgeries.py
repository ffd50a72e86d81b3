"""Requests as forgers send them, and as the people whom they imitate do."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from tests.support.routes import SampleRows

ELSEWHERE, SIBLING, HERE = "https://elsewhere.example", "http://sibling.testserver", "http://testserver"


@dataclass(frozen=True)
class Victim:
    """A browser's cookies, and the token in its own forms."""

    cookies: dict[str, str]

    @property
    def token(self) -> str:
        return self.cookies[settings.CSRF_COOKIE_NAME]


@dataclass(frozen=True)
class Forged:
    """What a forger can put into the request of somebody's browser."""

    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    is_tls: bool = False
    tossed: str = ""  # a CSRF cookie that a sibling host has set for the whole domain


def make_forgeries(victim: Victim, forger: Victim) -> dict[str, Forged]:
    """Each has everything right but one thing. forger: a session of the forger's own on this site."""
    own = victim.token
    return {
        "no token": Forged(headers={"Origin": HERE}),
        "a wrong token": Forged(own[::-1], {"Origin": HERE}),
        "the token of another session": Forged(forger.token, {"Origin": HERE}),
        "another site's Origin": Forged(own, {"Origin": ELSEWHERE}),
        "Origin: null": Forged(own, {"Origin": "null"}),
        "another site's Referer over TLS": Forged(own, {"Referer": f"{ELSEWHERE}/"}, is_tls=True),
        "neither Origin nor Referer over TLS": Forged(own, is_tls=True),
        "a sibling host with its own cookie": Forged(
            forger.token, {"Origin": SIBLING, "Referer": f"{SIBLING}/"}, tossed=forger.token
        ),
    }


@dataclass(frozen=True)
class Step:
    """What a form or a program sends to change something. is_remembered: whether a row records it."""

    method: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    is_json: bool = False
    is_remembered: bool = True


def list_steps(rows: SampleRows) -> dict[str, Step]:
    """By route: a valid request of the helpdesk."""
    text, seen = {"description": "Written by a forger"}, {"version": rows.open.version}
    when = {"service": "active-by-category", "when": "daily", "hour": "7"}
    return {
        "entrance:enter": Step("POST", {"role": "helpdesk"}),
        "entrance:leave": Step("POST"),
        "entrance:theme": Step("POST", {"theme": "dark"}, is_remembered=False),
        "portal:report": Step("POST", text),
        "portal:guess": Step("POST", text, is_remembered=False),
        "portal:messages": Step("POST", {"body": "Forged"}),
        "portal:edit": Step("POST", text | seen),
        "portal:category": Step("POST", {"category": "it"} | seen),
        "desk:move_many": Step("POST", {"move": "activate", "ticket": rows.open.pk}),
        "desk:messages": Step("POST", {"body": "Forged"}),
        "desk:edit": Step("POST", text | seen),
        "desk:category": Step("POST", {"category": "it"} | seen),
        "desk:activate": Step("POST"),
        "desk:close": Step("POST"),
        "desk:analytics": Step("POST", {"service": "active-by-category", "is_fresh": "1"}),
        "desk:cancel": Step("POST"),
        "desk:pin": Step("POST"),
        "desk:pinned": Step("POST"),
        "desk:unpin": Step("POST"),
        "desk:use_version": Step("POST", {"version": rows.version.version}),
        "desk:reports": Step("POST", when),
        "desk:pause": Step("POST"),
        "desk:resume": Step("POST"),
        "desk:delete": Step("POST"),
        "ticket-list": Step("POST", text, is_json=True),
        "ticket-detail": Step("PATCH", text, {"If-Match": f'"{rows.open.version}"'}, is_json=True),
        "ticket-activate": Step("POST", is_json=True),
        "ticket-close": Step("POST", is_json=True),
        "conversation": Step("POST", {"body": "Forged"}, is_json=True),
        "analyses": Step("POST", {"service": "active-by-category", "is_fresh": True}, is_json=True),
        "analysis-cancel": Step("POST", is_json=True),
        "admin:tickets_ticket_change": Step("POST", repair_form(rows)),
    }


def repair_form(rows: SampleRows) -> dict[str, Any]:
    ticket = rows.open
    kept = {name: getattr(ticket, name) for name in ("building", "room", "category", "status")}
    return kept | {"description": "Forged", "reason": "None", "version_seen": ticket.version}


@cache
def get_browser() -> Client:
    """One for all requests, because a new client loads the whole site."""
    return Client(enforce_csrf_checks=True)


def send(victim: Victim, address: str, step: Step, forged: Forged) -> HttpResponse:
    """The request as the victim's browser sends it: with its cookies, whoever made the form."""
    client = get_browser()
    client.cookies.clear()
    client.cookies.load(victim.cookies)
    if forged.tossed:
        client.cookies[settings.CSRF_COOKIE_NAME] = forged.tossed
    headers = step.headers | forged.headers | ({"X-CSRFToken": forged.token} if forged.token else {})
    if step.is_json:
        body, kind = json.dumps(step.body), "application/json"
    else:
        token = {"csrfmiddlewaretoken": forged.token} if forged.token else {}
        kind = "application/x-www-form-urlencoded"
        body = "&".join(f"{name}={value}" for name, value in (step.body | token).items())
    return client.generic(step.method, address, body, kind, secure=forged.is_tls, headers=headers)
