"""Cookies on plain http (with TLS: test_headers.py): which ones, how long, and that old ones are
worthless."""

from base64 import b64decode
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from campus_helpdesk.entrance.browsers import digest_browser
from tests.support.routes import find_address, list_routes, make_sample_rows
from tests.support.staged_photos import upload
from tickets.following.models import Follower


def attributes(client, name: str) -> dict[str, object]:
    """The attributes that a cookie has."""
    morsel = client.cookies[name]
    return {key: value for key, value in morsel.items() if value}


def post(client: Client, address: str, **form):
    return client.post(address, form | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})


def test_cookies_end_with_the_browser_and_have_the_expected_attributes(user):
    user.get("/tickets/new/")
    assert set(user.client.cookies) == {"sessionid", "csrftoken"}
    assert attributes(user.client, "sessionid") == {"path": "/", "samesite": "Lax", "httponly": True}
    assert attributes(user.client, "csrftoken") == {"path": "/", "samesite": "Lax"}


def test_browser_cookie_is_set_by_a_report_for_90_days_and_survives_the_session(user):
    refused = user.post("/tickets/new/", {"description": ""})
    assert (refused.status_code, "campus_browser" in refused.cookies) == (400, False)
    user.post("/tickets/new/", {"description": "The tap drips"})
    first = user.client.cookies["campus_browser"].value
    kept = attributes(user.client, "campus_browser") | {"expires": ""}
    assert kept == {"path": "/", "samesite": "Lax", "httponly": True, "max-age": 90 * 86400, "expires": ""}
    assert len(b64decode(first + "==", altchars=b"-_")) == 16
    user.post("/leave/", {})
    user.post("/enter/", {"role": "user"})
    user.post("/tickets/new/", {"description": "The lamp flickers"})
    assert user.client.cookies["campus_browser"].value == first
    assert set(Follower.objects.values_list("browser", "reason")) == {(digest_browser(first), "reported")}
    assert Follower.objects.count() == 2


def test_browser_cookie_is_set_by_a_photo(user):
    post(user.client, "/photos/", key="k", photos=upload())
    assert "campus_browser" in user.client.cookies


@pytest.mark.parametrize("chosen", ["short", "x" * 21 + "=", "ä" * 22])
def test_invalid_browser_cookie_is_replaced(user, chosen):
    user.client.cookies["campus_browser"] = chosen
    assert user.post("/tickets/new/", {"description": "The tap drips"}).status_code == 302
    assert user.client.cookies["campus_browser"].value != chosen


def test_session_expires_after_eight_hours(user):
    session = Session.objects.get()
    left = session.expire_date - timezone.now()
    assert timedelta(hours=7, minutes=59) < left <= timedelta(hours=8)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert user.get("/tickets/").status_code == 302
    assert user.api("GET", "tickets/").status_code == 401


def test_only_the_entrance_creates_a_session(db):
    """Every route, read and written to with a valid token, by somebody who has not entered."""
    rows = make_sample_rows()
    for name, pattern in list_routes():
        client = Client(enforce_csrf_checks=True)
        client.get("/")
        headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
        for method in ("GET", "POST"):
            response = client.generic(method, find_address(name, pattern, rows), headers=headers)
            assert "sessionid" not in response.cookies, name
    assert not Session.objects.exists()


@pytest.mark.parametrize("action", ["enter", "leave"])
def test_session_key_and_csrf_token_change_when_the_role_changes(user, action):
    old = {name: morsel.value for name, morsel in user.client.cookies.items()}
    post(user.client, f"/{action}/", role="helpdesk")
    now = {name: morsel.value for name, morsel in user.client.cookies.items()}
    assert now["csrftoken"] != old["csrftoken"]
    assert now["sessionid"] != old["sessionid"]
    assert not Session.objects.filter(pk=old["sessionid"]).exists()


@pytest.mark.parametrize("action", ["enter", "leave"])
def test_old_session_key_is_refused(user, action):
    other = Client(enforce_csrf_checks=True)
    other.cookies.load({name: morsel.value for name, morsel in user.client.cookies.items()})
    assert other.get("/tickets/").status_code == 200
    post(user.client, f"/{action}/", role="helpdesk")
    assert other.get("/tickets/").status_code == 302
    assert other.get("/api/v1/tickets/").status_code == 401
    assert post(other, "/tickets/new/", description="Written by a other").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["aaaaaaaa\0", '"aaaaaaaa\\000"', "ä" * 40, "x" * 5000, "' OR 1=1 --", ""])
def test_invalid_session_key_is_no_session(nobody, value):
    nobody.cookies["sessionid"] = value
    assert nobody.get("/tickets/").status_code == 302
    assert nobody.get("/api/v1/tickets/").status_code == 401
    assert nobody.get("/").status_code == 200


@pytest.mark.django_db
def test_session_key_chosen_by_a_client_is_not_adopted(client):
    """Fixation: a sibling host may set a cookie, and the entrance does not keep its value."""
    client.cookies["sessionid"] = chosen = "x" * 32
    assert client.get("/").status_code == 200
    client.post("/enter/", {"role": "user"})
    assert client.cookies["sessionid"].value != chosen
    assert not Session.objects.filter(pk=chosen).exists()


def test_csrf_token_is_invalid_after_leaving(user):
    old = user.token
    post(user.client, "/leave/")
    refused = user.client.post("/enter/", {"role": "helpdesk", "csrfmiddlewaretoken": old})
    assert refused.status_code == 403
    assert not Session.objects.exists()
