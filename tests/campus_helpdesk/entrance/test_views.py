import pytest
from django.contrib.sessions.models import Session

from tests.support.pages import text_of


def test_entrance_offers_both_roles_and_stores_no_session(nobody):
    page = text_of(nobody.get("/"))
    assert "I have a problem" in page
    assert "I work at the helpdesk" in page
    assert 'type="password"' not in page
    assert not Session.objects.exists()


@pytest.mark.parametrize(("role", "home"), [("user", "/tickets/new/"), ("helpdesk", "/desk/")])
def test_enter_leads_users_to_the_form_and_the_helpdesk_to_its_queue(nobody, role, home):
    nobody.get("/")
    form = {"role": role, "name": " Ada  Lovelace ", "csrfmiddlewaretoken": nobody.cookies["csrftoken"].value}
    answer = nobody.post("/enter/", form)
    assert (answer.status_code, answer["Location"]) == (302, home)
    assert nobody.session["name"] == "Ada Lovelace"


def test_enter_creates_a_new_session_key_and_csrf_token(user):
    old_key, old_token = user.client.session.session_key, user.token
    user.post("/enter/", {"role": "helpdesk"})
    assert user.client.session.session_key != old_key
    assert user.token != old_token
    assert not Session.objects.filter(pk=old_key).exists()


@pytest.mark.parametrize(
    "form", [{}, {"role": "admin"}, {"role": "user", "name": "x" * 81}, {"role": "user", "name": "a\0b"}]
)
def test_enter_refuses_bad_input_without_a_session(nobody, form):
    nobody.get("/")
    answer = nobody.post("/enter/", {**form, "csrfmiddlewaretoken": nobody.cookies["csrftoken"].value})
    assert answer.status_code == 400
    assert nobody.get("/tickets/").status_code == 302


def test_enter_without_a_token_is_refused(nobody):
    assert nobody.post("/enter/", {"role": "helpdesk"}).status_code == 403


def test_leave_ends_the_session(user):
    assert user.post("/leave/", {})["Location"] == "/"
    assert user.get("/tickets/").status_code == 302


def test_entrance_links_to_the_home_page_of_the_current_role(helpdesk):
    assert "Your current role: helpdesk" in text_of(helpdesk.get("/"))


def test_theme_is_stored_and_returns_to_the_page(user):
    answer = user.post("/theme/", {"theme": "dark", "next": "/tickets/?q=lamp"})
    assert answer["Location"] == "/tickets/?q=lamp"
    assert 'data-theme="dark"' in text_of(user.get("/tickets/"))
    user.post("/theme/", {"theme": "system", "next": "/"})
    assert "data-theme" not in text_of(user.get("/tickets/"))


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example", ""]
)
def test_theme_never_redirects_to_another_site(user, target):
    assert user.post("/theme/", {"theme": "dark", "next": target})["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "wanted", "lands"),
    [
        ("user", "/tickets/599/", "/tickets/599/"),
        ("helpdesk", "/desk/?status=open", "/desk/?status=open"),
        ("user", "/desk/", "/tickets/new/"),
        ("user", "/admin/", "/tickets/new/"),
        ("user", "/nowhere/", "/tickets/new/"),
        ("user", "/leave/", "/tickets/new/"),
        ("helpdesk", "/admin/tickets/ticket/", "/admin/tickets/ticket/"),
        ("user", "https://elsewhere.example/", "/tickets/new/"),
        ("user", "//elsewhere.example/", "/tickets/new/"),
        ("user", "/\\elsewhere.example/", "/tickets/new/"),
    ],
)
def test_enter_redirects_to_the_requested_page_of_this_site(client, role, wanted, lands):
    assert client.post("/enter/", {"role": role, "next": wanted})["Location"] == lands


@pytest.mark.django_db
def test_enter_redirects_to_the_requested_admin_page(client):
    page = client.get("/admin/tickets/ticket/?q=7", follow=True)
    assert b'name="next" value="/admin/tickets/ticket/?q=7"' in page.content


@pytest.mark.django_db
def test_redirect_to_the_entrance_names_the_requested_page(client):
    page = client.get("/tickets/7/?all=1", follow=True)
    assert b'name="next" value="/tickets/7/?all=1"' in page.content
