"""Forged requests, and the genuine ones that they imitate."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from tests.support.routes import SampleRows

OTHER_SITE, SIBLING, OWN_SITE = "https://elsewhere.example", "http://sibling.testserver", "http://testserver"


@dataclass(frozen=True)
class Victim:
    """A browser's cookies, with the token of its own forms."""

    cookies: dict[str, str]

    @property
    def token(self) -> str:
        return self.cookies[settings.CSRF_COOKIE_NAME]


@dataclass(frozen=True)
class Forged:
    """What a forger controls in a request of the victim's browser."""

    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    is_tls: bool = False
    planted_cookie: str = ""  # a CSRF cookie that a sibling host has set for the whole domain


def make_forgeries(victim: Victim, forger: Victim) -> dict[str, Forged]:
    """Each is wrong in one respect only. forger: the forger's own session on this site."""
    own = victim.token
    return {
        "no token": Forged(headers={"Origin": OWN_SITE}),
        "a wrong token": Forged(own[::-1], {"Origin": OWN_SITE}),
        "the token of another session": Forged(forger.token, {"Origin": OWN_SITE}),
        "another site's Origin": Forged(own, {"Origin": OTHER_SITE}),
        "Origin: null": Forged(own, {"Origin": "null"}),
        "another site's Referer over TLS": Forged(own, {"Referer": f"{OTHER_SITE}/"}, is_tls=True),
        "neither Origin nor Referer over TLS": Forged(own, is_tls=True),
        "a sibling host with its own cookie": Forged(
            forger.token, {"Origin": SIBLING, "Referer": f"{SIBLING}/"}, planted_cookie=forger.token
        ),
    }


@dataclass(frozen=True)
class Step:
    """A genuine request that changes something. is_recorded: whether a row records it."""

    method: str
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    is_json: bool = False
    is_recorded: bool = True


def list_steps(rows: SampleRows) -> dict[str, Step]:
    """By route: a valid request of the helpdesk."""
    text, seen = {"description": "Written by a forger"}, {"version": rows.open.version}
    when = {"service": "active-by-category", "when": "daily", "hour": "7"}
    pair = rows.proposal
    return {
        "entrance:enter": Step("POST", {"role": "helpdesk"}),
        "entrance:leave": Step("POST"),
        "entrance:theme": Step("POST", {"theme": "dark"}, is_recorded=False),
        "portal:report": Step("POST", text),
        "portal:guess": Step("POST", text, is_recorded=False),
        "portal:similar": Step("POST", text, is_recorded=False),
        "portal:me_too": Step("POST"),
        "portal:messages": Step("POST", {"body": "Forged"}),
        "portal:edit": Step("POST", text | seen),
        "portal:category": Step("POST", {"category": "it"} | seen),
        "desk:remove_photo": Step("POST", {"reason": "Shows a face"}),
        "attachment-remove": Step("POST", {"reason": "Shows a face"}, is_json=True),
        "link:messages": Step("POST", {"body": "Forged"}),
        "link:solved": Step("POST", {"is_solved": "yes"}),
        "link:revoke": Step("POST"),
        "link:mail": Step("POST", {"email": "eve@example.edu"}),
        "mail:confirm": Step("POST"),
        "desk:retry_delivery": Step("POST"),
        "portal:follow": Step("POST"),
        "portal:unfollow": Step("POST"),
        "portal:forget": Step("POST"),
        "desk:move_many": Step("POST", {"move": "activate", "ticket": rows.open.pk}),
        "desk:messages": Step("POST", {"body": "Forged"}),
        "desk:edit": Step("POST", text | seen),
        "desk:category": Step("POST", {"category": "it"} | seen),
        "desk:activate": Step("POST"),
        "desk:close": Step("POST"),
        "desk:merge": Step("POST", {"into": rows.active.pk}),
        "desk:unmerge": Step("POST", {"reason": "Another lamp"}),
        "desk:analytics": Step("POST", {"service": "active-by-category", "is_fresh": "1"}),
        "desk:cancel": Step("POST"),
        "desk:pin": Step("POST"),
        "desk:pinned": Step("POST"),
        "desk:unpin": Step("POST"),
        "desk:use_version": Step("POST", {"version": rows.version.version}),
        "desk:reports": Step("POST", when),
        "desk:merge_places": Step("POST", {"kept": pair.first_id, "merged": pair.second_id}),
        "desk:keep_places": Step("POST", {"place": pair.first_id, "verdict": "ignore"}),
        "desk:load_places": Step("POST", {"lines": "building%0AForged"}),
        "desk:dismiss_proposal": Step("POST"),
        "desk:mail_ticket": Step("POST", text),
        "desk:discard_mail": Step("POST"),
        "desk:pause": Step("POST"),
        "desk:resume": Step("POST"),
        "desk:delete": Step("POST"),
        "ticket-list": Step("POST", text, is_json=True),
        "ticket-detail": Step("PATCH", text, {"If-Match": f'"{rows.open.version}"'}, is_json=True),
        "ticket-activate": Step("POST", is_json=True),
        "ticket-merge": Step("POST", {"into": rows.active.pk}, is_json=True),
        "ticket-close": Step("POST", is_json=True),
        "conversation": Step("POST", {"body": "Forged"}, is_json=True),
        "analyses": Step("POST", {"service": "active-by-category", "is_fresh": True}, is_json=True),
        "analysis-cancel": Step("POST", is_json=True),
        "admin:places_building_add": Step("POST", {"name": "Forged"}),
        "admin:tickets_ticket_change": Step("POST", repair_form(rows)),
    }


def repair_form(rows: SampleRows) -> dict[str, Any]:
    ticket = rows.open
    unchanged = {name: getattr(ticket, name) for name in ("building", "room", "category", "status")}
    return unchanged | {"description": "Forged", "reason": "None", "version_seen": ticket.version}


@cache
def get_browser() -> Client:
    """One for all requests, because a new client loads the whole site."""
    return Client(enforce_csrf_checks=True)


def send(victim: Victim, address: str, step: Step, forged: Forged) -> HttpResponse:
    """Sends the request as the victim's browser does: with its cookies, even if a forger made the form."""
    client = get_browser()
    client.cookies.clear()
    client.cookies.load(victim.cookies)
    if forged.planted_cookie:
        client.cookies[settings.CSRF_COOKIE_NAME] = forged.planted_cookie
    headers = step.headers | forged.headers | ({"X-CSRFToken": forged.token} if forged.token else {})
    if step.is_json:
        body, kind = json.dumps(step.body), "application/json"
    else:
        token = {"csrfmiddlewaretoken": forged.token} if forged.token else {}
        kind = "application/x-www-form-urlencoded"
        body = "&".join(f"{name}={value}" for name, value in (step.body | token).items())
    return client.generic(step.method, address, body, kind, secure=forged.is_tls, headers=headers)
