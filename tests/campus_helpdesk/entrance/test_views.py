import pytest
from django.contrib.sessions.models import Session

from tests.support.pages import text_of


def test_door_offers_both_ways_in_and_stores_no_session(nobody):
    page = text_of(nobody.get("/"))
    assert "I have a problem" in page
    assert "I work at the helpdesk" in page
    assert 'type="password"' not in page
    assert not Session.objects.exists()


@pytest.mark.parametrize(("role", "home"), [("user", "/tickets/"), ("helpdesk", "/desk/")])
def test_enter_leads_to_the_roles_home(nobody, role, home):
    nobody.get("/")
    form = {"role": role, "name": " Ada  Lovelace ", "csrfmiddlewaretoken": nobody.cookies["csrftoken"].value}
    answer = nobody.post("/enter/", form)
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert nobody.session["name"] == "Ada Lovelace"


def test_enter_takes_a_fresh_key_and_a_fresh_token(user):
    old_key, old_token = user.client.session.session_key, user.token
    user.post("/enter/", {"role": "helpdesk"})
    assert user.client.session.session_key != old_key
    assert user.token != old_token
    assert not Session.objects.filter(pk=old_key).exists()


@pytest.mark.parametrize(
    "form", [{}, {"role": "admin"}, {"role": "user", "name": "x" * 81}, {"role": "user", "name": "a\0b"}]
)
def test_enter_refuses_bad_input_and_keeps_the_door_shut(nobody, form):
    nobody.get("/")
    answer = nobody.post("/enter/", {**form, "csrfmiddlewaretoken": nobody.cookies["csrftoken"].value})
    assert answer.status_code == 400
    assert nobody.get("/tickets/").status_code == 302


def test_enter_without_a_token_is_refused(nobody):
    assert nobody.post("/enter/", {"role": "helpdesk"}).status_code == 403


def test_leave_ends_the_session(user):
    assert user.post("/leave/", {})["Location"] == "/"
    assert user.get("/tickets/").status_code == 302


def test_door_tells_who_is_inside_where_to_go_on(helpdesk):
    assert "Your role is helpdesk" in text_of(helpdesk.get("/"))


def test_theme_is_remembered_and_leads_back(user):
    answer = user.post("/theme/", {"theme": "dark", "next": "/tickets/?q=lamp"})
    assert answer["Location"] == "/tickets/?q=lamp"
    assert 'data-theme="dark"' in text_of(user.get("/tickets/"))
    user.post("/theme/", {"theme": "system", "next": "/"})
    assert "data-theme" not in text_of(user.get("/tickets/"))


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", ""]
)
def test_theme_never_leads_elsewhere(user, target):
    assert user.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "wanted", "lands"),
    [
        ("user", "/tickets/599/", "/tickets/599/"),
        ("helpdesk", "/desk/?status=open", "/desk/?status=open"),
        ("user", "/desk/", "/tickets/"),
        ("user", "/admin/", "/tickets/"),
        ("user", "/nowhere/", "/tickets/"),
        ("user", "/leave/", "/tickets/"),
        ("helpdesk", "/admin/tickets/ticket/", "/admin/tickets/ticket/"),
        ("user", "https://elsewhere.example/", "/tickets/"),
        ("user", "//elsewhere.example/", "/tickets/"),
        ("user", "/\\elsewhere.example/", "/tickets/"),
    ],
)
def test_enter_goes_on_to_the_page_that_was_wanted_if_it_is_ours(client, role, wanted, lands):
    assert client.post("/enter/", {"role": role, "next": wanted})["Location"] == lands


@pytest.mark.django_db
def test_page_of_the_admin_is_remembered(client):
    page = client.get("/admin/tickets/ticket/?q=7", follow=True)
    assert b'name="next" value="/admin/tickets/ticket/?q=7"' in page.content


@pytest.mark.django_db
def test_a_page_before_the_door_is_remembered(client):
    page = client.get("/tickets/7/?all=1", follow=True)
    assert b'name="next" value="/tickets/7/?all=1"' in page.content
