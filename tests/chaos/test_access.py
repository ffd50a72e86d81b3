"""Access rules: every route, method, caller and ticket status, compared with one table of allowed responses.

The same objects are requested by all callers, so that each refusal is of something that exists.
"""

import re
from collections.abc import Iterator
from contextlib import nullcontext

import pytest
from django.urls import URLPattern, get_resolver

from tests.support.audience import AUDIENCE, HELPDESK, LINK, OPEN, ROUTES, SERVICE, snapshot
from tests.support.chaos.access_targets import CALLERS, METHODS, STATES, TICKET_ROUTES, Cell
from tests.support.chaos.tables import rolled_back

pytestmark = pytest.mark.fault_fast

DONE = {200, 201, 202, 204, 302}
GRANTED = DONE | {400, 409}  # the body may be invalid or the analysis in another state: not an access error

# Routes with the number of another row than a ticket.
MAILS = ("desk:mail", "desk:mail_ticket", "desk:discard_mail")
OTHER_ROWS = ("desk:pin_card", "desk:unpin", "desk:dismiss_proposal", "place-detail", *MAILS)

ROUTES_BY_METHODS = {
    "GET HEAD": "entrance:choose_role docs manifest service_worker offline open_feed link:ticket"
    " link:feed link:large"
    " link:small link:staged photos:staged"
    " portal:list portal:news portal:sent portal:places portal:ticket portal:next portal:previous"
    " desk:queue desk:ticket desk:proposals desk:next desk:previous desk:analysis desk:pin_card"
    " desk:category_accuracy desk:places desk:posters desk:outbox desk:delivery"
    " desk:mails desk:mail",
    "POST": "entrance:enter entrance:leave entrance:theme link:messages link:upload link:solved"
    " link:revoke link:mail portal:mail desk:retry_delivery"
    " desk:mail_ticket desk:discard_mail"
    " portal:guess portal:category portal:follow portal:unfollow portal:forget portal:link"
    " portal:similar portal:me_too"
    " photos:upload desk:remove_photo desk:move_many"
    " desk:category desk:activate desk:close desk:merge desk:unmerge desk:cancel desk:pin desk:unpin"
    " desk:use_version desk:pause desk:resume desk:delete desk:merge_places desk:keep_places"
    " desk:load_places desk:dismiss_proposal",
    "GET HEAD POST": "portal:report portal:messages portal:edit desk:messages desk:edit desk:analytics"
    " desk:pinned desk:reports mail:confirm mail:unsubscribe",
    "GET HEAD OPTIONS": "schema ticket-history facts analysis-services analysis analysis-svg"
    " analysis-png analysis-csv ticket-attachments attachment-large attachment-small"
    " place-list place-detail",
    "GET HEAD DELETE OPTIONS": "attachment",
    "POST OPTIONS": "attachments attachment-remove ticket-activate ticket-close ticket-merge"
    " analysis-cancel analysis-start analysis-progress analysis-failure analysis-result",
    "GET HEAD POST OPTIONS": "ticket-list conversation analyses",
    "GET HEAD PATCH OPTIONS": "ticket-detail",
}
METHODS_OF = {
    name: set(methods.split()) for methods, names in ROUTES_BY_METHODS.items() for name in names.split()
}


def walk_admin() -> Iterator[str]:
    """Address of every route of the admin, with a number as id."""
    admin = next(p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "admin")
    pending = [("admin/", pattern) for pattern in admin.url_patterns]
    while pending:
        prefix, pattern = pending.pop()
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield "/" + address
        else:
            pending += [(address, inner) for inner in pattern.url_patterns]


# --- the allowed responses ---


def allowed(cell: Cell) -> set[int]:
    """The allowed statuses of a cell's response; 401 also stands for a page's redirect to the entrance."""
    name = cell.route
    is_api = ROUTES[name].startswith("api/v1/")
    audience, caller = AUDIENCE[name], cell.caller
    if audience == OPEN:
        return allowed_to_all(cell)
    if audience == LINK:  # the secret is wrong: tests/campus_helpdesk/web/secret_link has the right one
        return {404} if cell.method in METHODS_OF[name] else {405}
    if caller in ("nobody", "forger") and is_api:
        return {401}
    if caller in ("nobody", "reader", "writer") and not is_api:
        return {401}
    if caller in ("reader", "writer"):
        return allowed_to_service(cell)
    if audience == SERVICE:
        return {403}
    if audience == HELPDESK and caller in ("user", "opener") and name not in TICKET_ROUTES:
        return {403}
    if audience == HELPDESK and caller in ("user", "opener") and not is_api:
        return {403}
    if cell.method not in METHODS_OF[name]:
        return {405}
    if name == "attachment" and cell.method == "DELETE":
        return {404}  # for photos that are not sent yet
    if cell.method == "OPTIONS":
        return {200}  # the methods of the route, independent of the ticket
    if name == "desk:use_version":
        return GRANTED | {404}  # there is no version of this name
    return allowed_to_role(cell) if name in TICKET_ROUTES else GRANTED


def allowed_to_all(cell: Cell) -> set[int]:
    if cell.method not in METHODS_OF[cell.route]:
        return {405}
    return {404} if cell.route == "open_feed" else DONE  # without PUBLIC_FEEDS there is none


def allowed_to_service(cell: Cell) -> set[int]:
    opens = (
        {"facts"} if cell.caller == "reader" else {n for n in AUDIENCE if AUDIENCE[n] == SERVICE} - {"facts"}
    )
    if cell.route not in opens or (cell.caller == "reader" and cell.method not in ("GET", "HEAD")):
        return {403}
    return GRANTED if cell.method in METHODS_OF[cell.route] else {405}


def allowed_to_role(cell: Cell) -> set[int]:
    """A session on a ticket's route."""
    is_user = cell.caller in ("user", "opener")
    if cell.state == "missing" or (is_user and cell.state == "closed"):
        return {404}
    if is_user and AUDIENCE[cell.route] == HELPDESK:
        return {403}
    if is_user and cell.route == "portal:category":
        return DONE if cell.caller == "opener" and cell.state == "open" else {403}
    if cell.route in ("portal:link", "portal:mail"):
        return {403}  # none of them has the browser in which it was reported
    if cell.route == "desk:unmerge":
        return {409}  # none of them was merged
    verb = re.split("[:-]", cell.route)[-1]
    if verb in ("activate", "close"):
        reached = {("activate", "active"), ("close", "closed")} if cell.route.startswith("desk:") else set()
        return DONE if (verb, cell.state) in reached | {("activate", "open"), ("close", "active")} else {409}
    is_written = cell.method in ("POST", "PATCH") or verb == "edit"
    return {409} if is_written and cell.state == "closed" else DONE


def status_of(cell: Cell, answer) -> int:
    """Pages redirect callers without a role to the entrance; leaving redirects there anyway."""
    is_redirected = answer.status_code == 302 and re.fullmatch(r"/(\?next=.*)?", answer["Location"])
    return 401 if is_redirected and AUDIENCE[cell.route] != OPEN else answer.status_code


def cells(callers_of_pages: tuple[str, ...]) -> Iterator[Cell]:
    for route in AUDIENCE:
        callers = CALLERS if ROUTES[route].startswith("api/v1/") else callers_of_pages
        for state in STATES if route in TICKET_ROUTES else ("-",):
            yield from (Cell(route, method, caller, state) for caller in callers for method in METHODS)


# --- the matrix ---


def test_access_rules_have_a_row_for_every_route():
    assert set(METHODS_OF) == set(ROUTES)
    assert set(TICKET_ROUTES) == {name for name in ROUTES if "pk" in ROUTES[name]} - {
        name for name in ROUTES if "uuid" in ROUTES[name] or name in OTHER_ROWS
    } - {"desk:pause", "desk:resume", "desk:delete"}


def test_access_rules_hold_for_every_route_method_caller_and_status(targets, figures, amount):
    """Pages ignore tokens, so a service has no role there; only `make faults` tests this."""
    wrong, count, before = [], 0, snapshot()
    for cell in cells(CALLERS[: amount(4, 6)]):
        may = allowed(cell)
        with rolled_back() if may & DONE else nullcontext():
            status = status_of(cell, targets.request(cell))
        count += 1
        if status not in may:
            wrong.append(f"{cell}: {status}, not {may}")
    changed = snapshot() != before
    print(*wrong, sep="\n")
    figures.record(
        "access_rules", "cells: routes x methods x callers x states", count, goal="> 600", is_met=count > 600
    )
    figures.record("access_rules", "wrong cells", len(wrong), goal="0", is_met=not wrong)
    figures.record(
        "access_rules", "rows changed by refused requests", int(changed), goal="0", is_met=not changed
    )


def test_access_rules_open_the_admin_for_the_helpdesk_only(targets, figures):
    wrong, count, before = [], 0, snapshot()
    for pattern in walk_admin():
        address = targets.admin_address(pattern)
        for caller in CALLERS[:-1]:
            for method in METHODS:
                with rolled_back() if caller == "helpdesk" else nullcontext():
                    answer = targets.request(Cell("admin", method, caller), address)
                count += 1
                if not is_right_in_admin(address, caller, answer):
                    wrong.append(f"{method} {address} by {caller}: {answer.status_code}")
    changed = snapshot() != before
    print(*wrong, sep="\n")
    figures.record("access_rules", "cells of the admin", count, goal="> 600", is_met=count > 600)
    figures.record(
        "access_rules", "wrong cells of the admin", len(wrong), goal="0", is_met=not wrong and not changed
    )


def is_right_in_admin(address: str, caller: str, answer) -> bool:
    if (
        caller in ("nobody", "reader", "writer") and answer.status_code == 401
    ):  # the entrance page, with the fields of the form
        return 'action="/enter/"' in answer.content.decode()
    where = answer.get("Location", "")
    if address == "/admin/logout/":
        return where in ("/", "/admin/")
    may_add = address in ("/admin/places/building/add/", "/admin/places/room/add/")
    if caller == "helpdesk" and address.endswith(("/add/", "/delete/")) and not may_add:
        return answer.status_code == 403
    if caller == "helpdesk":
        return answer.status_code in DONE | {400, 403, 404, 405}
    if address == "/admin/login/":
        return where == "/" if caller in ("nobody", "reader", "writer") else answer.status_code == 403
    return answer.status_code == 302 and where.startswith("/admin/login/")
