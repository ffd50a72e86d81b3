"""Whom the site trusts: forwarding headers, and the sign-on that may replace the entrance."""

from ipaddress import ip_network

import pytest
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.test import Client

from campus_helpdesk.entrance.proxy_headers import FORWARDING_HEADERS, SIGN_ON_HEADERS, ProxyHeadersMiddleware
from tests.support.factories import make_ticket
from tests.support.pages import text_of
from tickets.models import Ticket, TicketEvent

SECRET = "Fq2-what-only-the-proxy-and-we-know-8731"
PROXY, STRANGER = "10.1.2.3", "192.0.2.7"


@pytest.fixture
def trusting(settings):
    settings.TRUSTED_PROXIES = [ip_network("10.1.2.0/24"), ip_network("fd00::/64")]


@pytest.fixture
def signing(settings, trusting, db):
    """The mode without an entrance."""
    settings.ROLE_SOURCE, settings.PROXY_SECRET = "proxy", SECRET


def pass_through(peer: str, **headers: str) -> HttpRequest:
    """The request as everything behind the first middleware sees it, though its headers were read before."""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer} | {f"HTTP_{name.upper()}": text for name, text in headers.items()}
    assert set(request.headers) == {name.replace("_", "-").title() for name in headers}
    seen = []
    ProxyHeadersMiddleware(lambda request: seen.append(request) or HttpResponse())(request)
    return seen[0]


def sign_on(role: str | None = "helpdesk", name: str = "Hedda", secret: str = SECRET) -> dict[str, str]:
    headers = {"X-Campus-Role": role, "X-Campus-Name": name, "X-Campus-Secret": secret}
    return {header: text for header, text in headers.items() if text is not None}


def browser(peer: str = PROXY) -> Client:
    return Client(enforce_csrf_checks=True, REMOTE_ADDR=peer)


def post(client: Client, path: str, form: dict[str, str], headers: dict[str, str]):
    token = client.cookies["csrftoken"].value
    return client.post(path, {**form, "csrfmiddlewaretoken": token}, headers=headers)


# --- forwarding headers ---


@pytest.mark.parametrize(
    ("peer", "chain", "address"),
    [
        (STRANGER, "198.51.100.9", STRANGER),
        (PROXY, "", PROXY),
        (PROXY, "198.51.100.9", "198.51.100.9"),
        (PROXY, "127.0.0.1, 198.51.100.9", "198.51.100.9"),  # the first one was written by the visitor
        (PROXY, "198.51.100.9, 10.1.2.4", "198.51.100.9"),  # two proxies of ours in a row
        (PROXY, "10.1.2.4", "10.1.2.4"),
        (PROXY, "nonsense", PROXY),
        (PROXY, "198.51.100.9, ", PROXY),
        (PROXY, "198.51.100.9:4711", PROXY),
        ("fd00::5", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.1.2.3", "198.51.100.9", "198.51.100.9"),
        ("", "198.51.100.9", ""),  # a Unix socket has no address
    ],
)
def test_address_is_the_one_reported_by_a_trusted_proxy(trusting, peer, chain, address):
    request = pass_through(peer, x_forwarded_for=chain)
    assert request.address == address
    assert request.is_forwarded


def test_headers_of_untrusted_clients_are_dropped(trusting):
    sent = dict.fromkeys(
        (
            "forwarded",
            "x_real_ip",
            "x_forwarded_for",
            "x_forwarded_host",
            "x_forwarded_proto",
            "x_forwarded_ssl",
        ),
        "https",
    )
    assert set(pass_through(STRANGER, **sent, accept="text/html").META) == {"REMOTE_ADDR", "HTTP_ACCEPT"}
    assert pass_through(PROXY, **sent).META["HTTP_X_FORWARDED_PROTO"] == "https"


@pytest.mark.parametrize("peer", [STRANGER, PROXY])
def test_sign_on_headers_are_dropped_after_reading(signing, peer):
    request = pass_through(peer, x_campus_role="user", x_campus_name="U", x_campus_secret=SECRET)
    assert not [
        name for name in request.META if name in SIGN_ON_HEADERS or name.startswith(FORWARDING_HEADERS)
    ]
    assert not request.headers
    assert not request.is_forwarded


@pytest.mark.django_db
def test_https_is_accepted_from_a_trusted_proxy_only(settings, trusting):
    settings.SECURE_SSL_REDIRECT = settings.IS_TLS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    headers = {"X-Forwarded-Proto": "https"}
    assert browser(PROXY).get("/", headers=headers).status_code == 200
    led = browser(STRANGER).get("/", headers=headers)
    assert (led.status_code, led["Location"]) == (301, "https://testserver/")


# --- TLS ---


@pytest.mark.django_db
def test_http_pages_redirect_and_http_api_requests_are_refused(settings, trusting):
    settings.SECURE_SSL_REDIRECT = settings.IS_TLS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client = browser()
    for path in ("/", "/tickets/?q=lamp", "/desk/", "/admin/", "/api/docs/"):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{path}")
    for method, path in (("GET", "tickets/"), ("POST", "tickets/"), ("GET", "facts/"), ("GET", "nothing/")):
        answer = client.generic(method, f"/api/v1/{path}", headers={"Authorization": "Bearer x"})
        assert answer.status_code == 403
        assert "HTTPS" in answer.json()["detail"]
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/tickets/", headers={"X-Forwarded-Proto": "https"}).status_code == 401


# --- the sign-on instead of the entrance ---


@pytest.mark.parametrize(("role", "home", "other"), [("user", "/tickets/", 403), ("helpdesk", "/desk/", 200)])
def test_sign_on_provides_role_and_name(signing, role, home, other):
    client = browser()
    page = client.get(home, headers=sign_on(role, "Jürgen Ünal".encode().decode("latin-1")))
    assert page.status_code == 200
    assert "Jürgen Ünal" in text_of(page)
    assert "Switch role" not in text_of(page)
    assert client.get("/desk/", headers=sign_on(role)).status_code == other
    assert client.get("/api/v1/tickets/", headers=sign_on(role)).status_code == 200


@pytest.mark.parametrize("peer", [STRANGER, ""])
def test_role_header_of_an_untrusted_client_is_ignored(signing, peer):
    assert browser(peer).get("/desk/", headers=sign_on()).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        sign_on(role=None),
        sign_on(role=""),
        sign_on(role="admin"),
        sign_on(role="Helpdesk"),
        sign_on(role="user,helpdesk"),  # as a header arrives that was sent twice
        sign_on(role="helpdesk,helpdesk"),
        sign_on(secret=""),
        sign_on(secret=SECRET[:-1]),
        sign_on(secret=f"{SECRET},{SECRET}"),
        sign_on(secret="ü" * 40),
    ],
)
def test_sign_on_needs_a_valid_role_and_secret(signing, headers):
    page = browser().get("/tickets/", headers=headers)
    assert page.status_code == 401
    assert "Sign on again" in text_of(page)
    assert "sign-on" in text_of(browser().get("/admin/", headers=headers, follow=True))
    assert browser().get("/api/v1/tickets/", headers=headers).status_code == 401
    assert not Session.objects.exists()


def test_session_without_sign_on_headers_is_refused(signing):
    client = browser()
    assert client.get("/desk/", headers=sign_on()).status_code == 200
    assert client.get("/desk/").status_code == 401
    assert client.get("/desk/", headers=sign_on(secret="")).status_code == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/enter/"), ("POST", "/leave/")])
def test_sign_on_has_no_entrance_page(signing, method, path):
    client = browser()
    client.get("/tickets/", headers=sign_on("user"))
    headers = sign_on("user") | {"X-CSRFToken": client.cookies["csrftoken"].value}
    assert client.generic(method, path, headers=headers).status_code == 404
    assert 'href="/tickets/"' in text_of(client.get("/", headers=sign_on("user")))
    assert client.get("/tickets/", headers=sign_on("user")).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("peer", [STRANGER, PROXY])
def test_role_headers_are_ignored_without_a_sign_on(settings, trusting, peer):
    settings.PROXY_SECRET = SECRET
    client = browser(peer)
    assert client.get("/desk/", headers=sign_on()).status_code == 302
    assert client.get("/api/v1/tickets/", headers=sign_on()).status_code == 401


def test_sign_on_keeps_the_session_of_its_caller(signing):
    """One session per person and browser: their ticket is theirs, a double click is one ticket."""
    client, form = browser(), {"description": "The tap drips", "key": "once"}
    client.get("/tickets/new/", headers=sign_on("user", "Ursula"))
    for _ in range(2):
        made = post(client, "/tickets/new/", form, sign_on("user", "Ursula"))
    ticket = Ticket.objects.get()
    assert made.status_code == 302
    filed = {"category": "it", "version": ticket.version}
    assert (
        post(client, f"/tickets/{ticket.pk}/category/", filed, sign_on("user", "Ursula")).status_code == 302
    )
    assert TicketEvent.objects.filter(by_name="Ursula").count() == 2
    assert Session.objects.count() == 1


@pytest.mark.parametrize("now", [("user", "Otto"), ("helpdesk", "Ursula")])
def test_changed_sign_on_begins_a_new_session(signing, now):
    client = browser()
    client.get("/tickets/", headers=sign_on("user", "Ursula"))
    before = client.cookies["sessionid"].value
    client.get("/tickets/", headers=sign_on(*now))
    assert client.cookies["sessionid"].value != before
    assert [row.pk for row in Session.objects.all()] == [client.cookies["sessionid"].value]


def test_planted_session_is_replaced(signing):
    """The victim's own sign-on decides: the planted session ends, and with it the attacker's access to it."""
    planter, victim = browser(), browser()
    planter.get("/tickets/", headers=sign_on("user", "Mallory"))
    victim.cookies["sessionid"] = planter.cookies["sessionid"].value
    victim.get("/tickets/", headers=sign_on("helpdesk", "Hedda"))
    assert victim.cookies["sessionid"].value != planter.cookies["sessionid"].value
    assert planter.get("/desk/", headers=sign_on("user", "Mallory")).status_code == 403


def test_sign_on_keeps_access_rules_and_csrf_checks(signing):
    closed = make_ticket("closed")
    client = browser()
    assert client.get(f"/tickets/{closed.pk}/", headers=sign_on("user")).status_code == 404
    assert client.get(f"/tickets/{closed.pk}/", headers=sign_on()).status_code == 200
    forged = client.post("/tickets/new/", {"description": "The tap drips"}, headers=sign_on())
    assert forged.status_code == 403


@pytest.mark.parametrize("name", ["", "x" * 500, "\x00", "a\u202eb", "\xff\xfe"])
def test_any_name_header_is_read_or_dropped(signing, name):
    sent = name.encode().decode("latin-1")
    assert browser().get("/desk/", headers=sign_on(name=sent)).status_code == 200
