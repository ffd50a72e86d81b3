"""How often an action is allowed: what counts, what the response is, when it is allowed again."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.db.models import F
from django.test import Client

from campus_helpdesk.configuration import environment
from campus_helpdesk.configuration.environment import Rate
from campus_helpdesk.middleware.throttling.buckets import prune_buckets, return_permits, take_permits
from campus_helpdesk.middleware.throttling.middleware import RULES
from campus_helpdesk.models import RateWindow
from campus_helpdesk.tasks import prune_rates
from messaging.models import Message
from tests.support.audience import AUDIENCE
from tests.support.clients import enter
from tests.support.factories import make_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MINUTE = timedelta(seconds=61)


@pytest.fixture
def rates(settings):
    """Two of each action per session, three per address."""
    settings.RATE_LIMITS = True
    settings.RATES = dict.fromkeys(("entrance", "ticket", "message", "analysis"), Rate(2, 3))


@pytest.fixture
def clients(user, helpdesk, rates):
    """Of both roles, entered before the counting."""
    return user, helpdesk


def let_pass(time: timedelta) -> None:
    RateWindow.objects.update(started_at=F("started_at") - time)


def report(user, text: str = "The tap drips"):
    return user.api("POST", "tickets/", {"description": text})


def statuses(*answers) -> list[int]:
    return [answer.status_code for answer in answers]


def test_ticket_above_the_rate_is_refused_for_a_minute(clients):
    user, _ = clients
    assert statuses(*[report(user) for _ in range(3)]) == [201, 201, 429]
    let_pass(MINUTE)
    assert report(user).status_code == 201
    assert Ticket.objects.count() == 3


def test_refusal_has_retry_after_and_problem_details(clients):
    user, _ = clients
    for _ in range(2):
        report(user)
    let_pass(timedelta(seconds=20))
    answer = report(user)
    assert answer["Content-Type"] == "application/problem+json"
    assert 35 <= int(answer["Retry-After"]) <= 40
    assert f"Wait {answer['Retry-After']} seconds" in answer.json()["detail"]


def test_sessions_of_one_address_share_its_rate(clients, rates):
    user, helpdesk = clients
    assert statuses(*[report(p) for p in (user, helpdesk, user, helpdesk)]) == [201, 201, 201, 429]
    helpdesk.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert report(helpdesk).status_code == 201


def test_clients_behind_a_trusted_proxy_have_their_own_addresses(clients, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    for number, person in enumerate(clients):
        person.client.defaults["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
    assert statuses(*[report(p) for p in clients * 2]) == [201] * 4


def test_forwarded_address_of_an_untrusted_client_is_ignored(clients):
    answers = []
    for number, person in enumerate(clients * 2):
        person.client.defaults["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        answers.append(report(person))
    assert statuses(*answers) == [201, 201, 201, 429]


def test_page_and_api_of_one_action_share_its_rate(clients):
    user, _ = clients
    form = {"description": "The lamp flickers"}
    assert statuses(report(user), user.post("/tickets/new/", form), report(user)) == [201, 302, 429]


def test_actions_are_counted_separately(clients):
    user, helpdesk = clients
    ticket = make_ticket()
    for _ in range(2):
        report(user)
    messages = [user.api("POST", f"tickets/{ticket.pk}/messages/", {"body": "Please hurry"}) for _ in "123"]
    assert statuses(*messages) == [201, 201, 429]
    bodies = [{"service": "unresolved", "period": f"{days}d"} for days in (1, 2, 3)]
    responses = [helpdesk.api("POST", "analyses/", body) for body in bodies]
    assert statuses(*responses) == [202, 202, 429]
    assert Message.objects.count() == 2


@pytest.mark.parametrize("action", ["{}/me-too/", "{}/follow/", "{}/unfollow/"])
def test_joining_and_following_are_limited(clients, action):
    address = f"/tickets/{action}".format(make_ticket().pk)
    assert statuses(*[clients[0].post(address, {}) for _ in range(3)]) == [302, 302, 429]


@pytest.mark.parametrize("action", ["category", "similar"])
def test_help_while_typing_is_limited_and_the_report_still_sent(clients, settings, action):
    settings.RATES |= {"typing": Rate(2, 3)}
    form = {"description": "The tap drips"}
    answers = [clients[0].post(f"/tickets/new/{action}/", form) for _ in range(3)]
    assert statuses(*answers) == [200, 200, 429]
    assert clients[0].post("/tickets/new/", form).status_code == 302


def test_refused_request_does_not_count(clients):
    user, _ = clients
    ticket = make_ticket("closed")
    for _ in range(4):
        assert report(user, "").status_code == 400
        assert user.post("/tickets/new/", {"description": ""}).status_code == 400
        assert user.api("POST", f"tickets/{ticket.pk}/messages/", {"body": "x"}).status_code == 404
        assert user.api("POST", "analyses/", {"service": "active-by-category"}).status_code == 403
        assert user.client.post("/tickets/new/", {"description": "no token"}).status_code == 403
    assert not RateWindow.objects.exists()
    assert report(user).status_code == 201


def test_refused_request_returns_its_permit(clients):
    user, _ = clients
    answers = [report(user), report(user, ""), report(user), report(user, ""), report(user)]
    assert statuses(*answers) == [201, 400, 201, 429, 429]


def test_callers_without_a_role_are_redirected_and_not_counted(rates, nobody):
    nobody.get("/")
    form = {"description": "x", "csrfmiddlewaretoken": nobody.cookies["csrftoken"].value}
    assert statuses(*[nobody.post("/tickets/new/", form) for _ in range(4)]) == [401] * 4
    assert statuses(*[nobody.post("/api/v1/tickets/", {}) for _ in range(4)]) == [401] * 4
    assert not RateWindow.objects.exists()


def test_refused_page_keeps_the_input_and_can_send_it_again(clients):
    user, _ = clients
    for _ in range(2):
        report(user)
    form = {
        "description": "Water <b>everywhere</b>\nsecond line",
        "building": "Main",
        "room": "1",
        "key": "k",
    }
    page = user.post("/tickets/new/", form)
    assert (page.status_code, page["Content-Type"]) == (429, "text/html; charset=utf-8")
    text = page.content.decode()
    assert "Water &lt;b&gt;everywhere&lt;/b&gt;" in text
    for name in form:
        assert f'<input type="hidden" name="{name}"' in text
    assert '<form method="post" action="/tickets/new/">' in text


class TestDoor:
    def test_repeated_entering_counts_across_new_sessions(self, rates, nobody):
        def go_in() -> int:
            nobody.get("/")
            token = nobody.cookies["csrftoken"].value
            return nobody.post("/enter/", {"role": "user", "csrfmiddlewaretoken": token}).status_code

        assert [go_in() for _ in range(3)] == [302, 302, 429]
        let_pass(MINUTE)
        assert go_in() == 302

    def test_reused_cookies_count_as_one_session(self, rates):
        browser = Client()
        browser.get("/")
        cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
        answers = [Client().post("/enter/", {"role": "user"}, headers=as_header(cookies)) for _ in range(3)]
        assert statuses(*answers) == [302, 302, 429]

    def test_entering_is_limited_per_address(self, rates):
        assert enter("user").get("/tickets/").status_code == 200
        for _ in range(2):
            enter("helpdesk")
        with pytest.raises(AssertionError, match="429"):
            enter("user")


def as_header(cookies: dict[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


def test_rows_name_neither_session_nor_address(clients):
    user, _ = clients
    report(user)
    keys = list(RateWindow.objects.values_list("key", flat=True))
    assert len(keys) == 2
    session = user.client.cookies["sessionid"].value
    assert not any(session in key or "127.0.0.1" in key for key in keys)


def test_bucket_from_the_future_has_ended(clients):
    user, _ = clients
    for _ in range(2):
        report(user)
    let_pass(-timedelta(minutes=10))
    assert report(user).status_code == 201


def test_permit_of_an_ended_bucket_is_not_returned_to_the_next(clients, rates):
    late = take_permits({"one": 2, "two": 2})
    let_pass(MINUTE)
    take_permits({"one": 2, "two": 2})
    return_permits(late)
    assert [row.count for row in RateWindow.objects.all()] == [1, 1]


def test_nothing_is_counted_without_rate_limits(clients, settings):
    settings.RATE_LIMITS = False
    assert statuses(*[report(clients[0]) for _ in range(5)]) == [201] * 5
    assert not RateWindow.objects.exists()


def test_old_rows_are_pruned(clients):
    report(clients[0])
    assert prune_buckets() == 0
    let_pass(timedelta(days=2))
    prune_rates()
    assert not RateWindow.objects.exists()


def test_every_limited_route_exists():
    assert set(RULES) <= set(AUDIENCE)


@pytest.mark.parametrize("value", ["10", "0/5", "5/0", "a/b", "1/2/3", "-1/5", "٣/٣", "1 /2"])
def test_invalid_rate_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("RATE_DOOR", value)
    with pytest.raises(SystemExit, match="RATE_DOOR"):
        environment.rate("RATE_DOOR", default="10/60")


def test_rate_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("RATE_DOOR", "3/9")
    assert environment.rate("RATE_DOOR", default="10/60") == Rate(3, 9)
