"""Forged requests in a real browser: what a page of another host of the campus can do with an open
session."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page

from messaging.models import Message
from tests.support.analyses import make_done
from tests.support.chaos.tables import digest
from tests.support.factories import make_ticket
from tests.support.routes import make_sample_rows
from tickets.models import Ticket

pytestmark = pytest.mark.fault_fast
FORM = """([action, fields]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action});
  for (const [name, value] of Object.entries(fields))
    form.append(Object.assign(document.createElement("input"), {name, value}));
  document.body.append(form);
  form.submit();
}"""
SEND = """([url, options]) => fetch(url, {credentials: "include", ...options})
  .then((answer) => answer.text()).catch(() => "not to be read")"""
EMBED = """([kind, src]) => new Promise((done) => {
  const guest = document.createElement(kind);
  guest.onload = () => done("shown"); guest.onerror = () => done("refused");
  document.body.append(Object.assign(guest, {src}));
})"""
SIMPLE = {"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"}, "body": "{}"}
CORS = {"method": "POST", "headers": {"Content-Type": "application/json", "X-CSRFToken": "x"}, "body": "{}"}


class Sibling(BaseHTTPRequestHandler):
    """An empty page, whatever is requested."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Sibling</title><body>")

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another port of the host is another origin of the same site, so SameSite sends the cookies."""
    with ThreadingHTTPServer(("localhost", 0), Sibling) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def sibling(enter, elsewhere, browser_errors) -> Iterator[Page]:
    """A page of the sibling host in the browser of a helpdesk session."""
    page = enter("helpdesk", "Hedda")
    page.goto(elsewhere)
    yield page
    # Refusals are logged to the console.
    browser_errors.reported = [error for error in browser_errors.reported if "dialog" in error[1]]


def test_forged_requests_of_a_sibling_host_change_nothing(sibling, elsewhere, site, figures):
    rows, sent = make_sample_rows(), 0
    before = digest()
    forms = {
        "/leave/": {},
        "/enter/": {"role": "user"},
        "/tickets/new/": {"description": "Forged"},
        f"/desk/tickets/{rows.open.pk}/activate/": {},
        f"/tickets/{rows.open.pk}/messages/": {"body": "Forged"},
    }
    for address, fields in forms.items():
        for token in ({}, {"csrfmiddlewaretoken": "x" * 32}):
            sibling.goto(elsewhere)
            with sibling.expect_navigation() as navigation:
                sibling.evaluate(FORM, [f"{site}{address}", fields | token])
            assert navigation.value.status == 403, address
            sent += 1
    sibling.goto(elsewhere)
    for options in (SIMPLE, CORS, SIMPLE | {"method": "GET"} | {"body": None}):
        for address in ("/api/v1/tickets/", "/leave/", f"/api/v1/tickets/{rows.open.pk}/activate/"):
            sibling.evaluate(SEND, [f"{site}{address}", options])
            sent += 1
    changed = digest() != before
    figures.record(
        "forged_requests",
        "a sibling host's requests in a real browser",
        sent,
        goal="0 changes",
        is_met=not changed,
    )
    assert not Message.objects.filter(body="Forged").exists()


def test_forged_requests_of_a_sibling_host_cannot_read_or_embed(sibling, site):
    ticket = make_ticket(description="Only for those inside")
    api = f"{site}/api/v1/tickets/{ticket.pk}/"
    assert sibling.evaluate(SEND, [api, {}]) == "not to be read"
    assert sibling.evaluate(SEND, [api, {"mode": "no-cors"}]) == "not to be read"
    assert sibling.evaluate(EMBED, ["script", api]) == "refused"
    chart = f"{site}/api/v1/analyses/{make_done().pk}/chart.svg"
    assert sibling.evaluate(EMBED, ["img", chart]) == "refused"
    sibling.evaluate(EMBED, ["iframe", f"{site}/desk/"])
    assert [frame.url for frame in sibling.frames[1:]] == ["chrome-error://chromewebdata/"]
    opened = sibling.evaluate("(url) => { window.opened = window.open(url); return true }", f"{site}/desk/")
    assert opened
    sibling.wait_for_function("window.opened.closed", timeout=15_000)  # cut off by the opener policy
    assert Ticket.objects.count() == 1
    sibling.goto(f"{site}/tickets/")
    assert sibling.evaluate(EMBED, ["img", chart]) == "shown"
    assert "Only for those inside" in sibling.evaluate(SEND, [api, {}])
