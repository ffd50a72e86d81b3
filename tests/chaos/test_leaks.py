"""Hidden is missing: no byte of a response to a user reveals a closed ticket, in body or headers."""

import re
from datetime import timedelta

import pytest

from campus_helpdesk.web.shared.ticket_detail import write_message
from common.errors import Hidden
from messaging.actions import post_message
from tests.support.audience import AUDIENCE, BOTH, ROUTES
from tests.support.chaos.access_targets import METHODS, TICKET_ROUTES, Cell
from tests.support.clients import enter
from tests.support.factories import HELPDESK, USER, make_conversation, make_ticket, shift
from tickets.actions import activate_ticket, close_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.fault_fast

WORD = "zwiebelturm"  # only in the closed ticket's text, location and conversation
# Headers and bodies that lead to different responses if the ticket exists.
HEADERS = [
    {},
    {"If-Match": '"1"'},
    {"If-Match": '"999"'},
    {"If-Match": "nonsense"},
    {"If-None-Match": '"3"'},
    {"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"},
    {"Idempotency-Key": "one-key"},
    {"Accept": "text/csv"},
    {"HX-Request": "true"},
    {"Range": "bytes=0-9"},
]
BODIES = [
    b"",
    b"{}",
    b"{",
    b"[1]",
    b'{"description": ""}',
    b'{"category": "it"}',
    b'{"body": 5, "is_internal": true}',
]


def normalise(answer, pk: int) -> bytes:
    """Status, headers and body as sent, without the number in the address and the request's own id."""
    headers = sorted(f"{name}: {text}" for name, text in answer.items() if name != "X-Request-ID")
    cookies = [re.sub("=[^;]*;", "=;", cookie.OutputString(), count=1) for cookie in answer.cookies.values()]
    head = "\n".join([str(answer.status_code), *headers, *cookies]).encode()
    return re.sub(rb"\b%d\b" % pk, b"ID", head + b"\n\n" + answer.content)


def differing_bytes(one: bytes, other: bytes) -> int:
    return abs(len(one) - len(other)) + sum(a != b for a, b in zip(one, other, strict=False))


def test_hidden_is_missing_byte_for_byte(targets, figures):
    pairs, bytes_off = 0, {}
    hidden, missing = targets.tickets["closed"].pk, targets.tickets["missing"].pk
    requests = [(method, {}, b"") for method in METHODS]
    requests += [(method, {}, body) for method in ("POST", "PATCH") for body in BODIES]
    requests += [(method, headers, b"{}") for method in ("GET", "PATCH") for headers in HEADERS]
    for route in TICKET_ROUTES:
        is_for_users = not route.startswith("desk:")
        for method, headers, body in requests if is_for_users else requests[: len(METHODS)]:
            cells = [Cell(route, method, "user", state) for state in ("closed", "missing")]
            sent = [targets.send(cell, body, **headers) for cell in cells]
            one, other = normalise(sent[0], hidden), normalise(sent[1], missing)
            pairs += 1
            if off := differing_bytes(one, other):
                bytes_off[route, method, tuple(headers), body] = off
            if method != "OPTIONS" and AUDIENCE[route] == BOTH:
                assert sent[0].status_code in (404, 405, 406), (route, method, headers, body)
    print(*bytes_off.items(), sep="\n")
    figures.record(
        "hidden_is_missing", "pairs of hidden and missing compared", pairs, goal="> 300", is_met=pairs > 300
    )
    figures.record(
        "hidden_is_missing",
        "bytes that differ between them",
        sum(bytes_off.values()),
        goal="0",
        is_met=not bytes_off,
    )


# --- the same site with and without a closed ticket ---

API_QUERIES = [
    "",
    *(f"?ordering={order}" for order in ("opened_at", "-opened_at", "modified_at", "-modified_at")),
    *(
        f"?ordering={order}&page_size=1"
        for order in ("opened_at", "-opened_at", "modified_at", "-modified_at")
    ),
    "?status=closed",
    "?status=closed&status=open&page_size=1",
    f"?q={WORD}",
    f"?q={WORD[:5]}",
    "?q=lamp",
    f"?building={WORD}",
    f"?building_is={WORD}",
    "?has_building=true",
    "?has_building=false",
    "?is_answered=true",
    "?category=it&category=services&category=facility",
    "?opened_after=2020-01-01&opened_before=2099-01-01",
    "?from_month=2020-01&until_month=2099-12",
    "?was_unclosed_at=2099-01-01",
    "?opened_weekday=monday&page_size=1",
    "?status=nonsense",
    "?page_size=0",
    "?cursor=nonsense",
    "?unknown=1",
]


def read_all(caller, path: str) -> list[bytes]:
    """All pages of a list, because a cursor, a count or a link could also reveal a hidden row."""
    pages = []
    while path:
        answer = caller.get(path)
        pages.append(b"%d %s" % (answer.status_code, answer.get("ETag", "").encode()) + answer.content)
        path = answer.json().get("next") or ""
        path = path.removeprefix("http://testserver")
    return pages


def without_tokens(page: bytes) -> bytes:
    """A page without the values that differ in each response."""
    return re.sub(rb'(name="(?:csrfmiddlewaretoken|key)" value=")[^"]*', rb"\1", page)


def read_as_user(user) -> dict[str, list[bytes]]:
    seen = {f"api {query}": read_all(user, f"/api/v1/tickets/{query}") for query in API_QUERIES}
    for query in API_QUERIES:
        page = user.get(f"/tickets/{query}")
        seen[f"page {query}"] = [b"%d" % page.status_code, without_tokens(page.content)]
    return seen


def test_hidden_is_missing_in_lists_and_searches_of_users(user, figures):
    others = [make_ticket(state) for state in ("open", "active", "open", "active")]
    for age, ticket in enumerate(others):
        make_conversation(ticket)
        shift(ticket, timedelta(days=30 + 10 * age))
    before = read_as_user(user)
    text = f"The lamp of the {WORD} flickers"
    made = user.api("POST", "tickets/", {"description": text, "building": WORD}).json()
    hidden = Ticket.objects.get(pk=made["id"])
    make_conversation(hidden)
    post_message(hidden, by=USER, body=text)
    activate_ticket(hidden, by=HELPDESK)
    close_ticket(hidden, by=HELPDESK)
    shift(hidden, timedelta(days=45))
    after = read_as_user(user)
    changed = [address for address in before if before[address] != after[address]]
    changed += [
        address for address in after if WORD not in address and WORD.encode() in b"".join(after[address])
    ]
    print(*changed, sep="\n")
    figures.record(
        "hidden_is_missing",
        "addresses that a closed ticket changed",
        len(changed),
        goal=f"0 of {len(before)}",
        is_met=not changed,
    )
    assert WORD in enter("helpdesk").get("/api/v1/tickets/").content.decode()


# --- requests sent before the ticket was closed ---


def test_hidden_is_missing_in_replays(user, helpdesk):
    """A repeated request gets its original response for a day, although its ticket is now hidden."""
    text = {"description": "The tap drips"}
    first = user.api("POST", "tickets/", text, Idempotency_Key="once")
    typed = {"description": "The lamp in the hall flickers", "key": "by form"}
    form = user.post("/tickets/new/", typed)
    pks = [first.json()["id"], int(form["Location"].split("/")[2])]
    message = user.post(f"/tickets/{pks[0]}/messages/", {"body": "Hello?", "key": "word"})
    assert (first.status_code, form.status_code, message.status_code) == (201, 302, 302)
    for pk in pks:
        for verb in ("activate", "close"):
            assert helpdesk.api("POST", f"tickets/{pk}/{verb}/").status_code == 200
    again = user.api("POST", "tickets/", text, Idempotency_Key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.json()["closed_at"] is None
    assert user.post("/tickets/new/", typed)["Location"] == form["Location"]
    assert (
        user.api(
            "POST", "tickets/", {"description": typed["description"]}, Idempotency_Key="by form"
        ).status_code
        == 404
    )
    assert user.api("POST", "tickets/", {"description": "Other"}, Idempotency_Key="once").status_code == 422
    for pk in (*pks, 987654321):
        assert user.get(f"/tickets/{pk}/").status_code == 404
        assert user.post(f"/tickets/{pk}/messages/", {"body": "Hello?", "key": "word"}).status_code == 404
        assert user.api("POST", f"tickets/{pk}/messages/", {"body": "Hello?"}).status_code == 404


def test_hidden_is_missing_when_a_message_is_refused_for_a_ticket_just_closed(db, rf):
    """The ticket was open when it was read; it is closed before the page with the refusal is rendered."""
    found = make_ticket("active", description=WORD)
    close_ticket(Ticket.objects.get(pk=found.pk), by=HELPDESK)
    request = rf.post("/", {"body": " "})
    request.caller = USER
    with pytest.raises(Hidden):
        write_message(request, found, "portal")


def test_hidden_is_missing_in_caches_of_browsers_and_proxies(targets):
    """Data, refusals and errors, for every caller."""
    for route in ROUTES:
        for caller in ("nobody", "user", "helpdesk", "reader"):
            answer = targets.request(Cell(route, "GET", caller, "open"))
            assert answer["Cache-Control"] == "no-store", (route, caller)
            assert "Cookie" in answer["Vary"], (route, caller)
