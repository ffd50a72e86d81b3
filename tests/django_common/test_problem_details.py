"""Errors as responses: in pages, in the API, and when the database is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import django; django.setup()
from django.test import Client
headers = {"host": "localhost", "cookie": "sessionid=abcdefghijklmnopqrstuvwxyz123456"}
client = Client(raise_request_exception=False, headers=headers)
for path in ("/", "/tickets/", "/desk/", "/api/v1/tickets/", "/healthz"):
    response = client.get(path)
    print(path, response.status_code, b"Traceback" in response.content, response["Content-Type"])
"""


@pytest.fixture(scope="module")
def responses() -> dict[str, list[str]]:
    """The responses of a site whose database is gone, by path."""
    environment = os.environ | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
    }
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60
    )
    return {line.split()[0]: line.split()[1:] for line in run.stdout.splitlines()}


@pytest.mark.parametrize("path", ["/tickets/", "/desk/", "/api/v1/tickets/"])
def test_pages_and_api_are_503_without_the_database(responses, path):
    status, has_trace, content_type = responses[path][:3]
    assert (status, has_trace) == ("503", "False")
    assert content_type.startswith("application/problem+json" if "/api/" in path else "text/html")


def test_healthz_succeeds_without_the_database(responses):
    assert responses["/healthz"][0] == "200"


def test_method_not_allowed_has_an_error_page(helpdesk):
    response = helpdesk.get("/desk/move/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert b"<h1>" in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/", "/tickets/99999999999999999999999/"])
def test_unknown_url_is_404_with_an_error_page(user, path):
    response = user.get(path)
    assert response.status_code == 404
    assert response["Content-Type"].startswith(
        "application/problem+json" if path.startswith("/api/") else "text/html"
    )


def test_review_filter_refuses_invalid_values(helpdesk):
    assert helpdesk.get("/desk/?needs_review=true").status_code == 200
    assert helpdesk.get("/desk/?needs_review=perhaps").status_code == 400


@pytest.mark.parametrize(
    "path", ["/api/schema/?version=%0d%0aX", "/admin/tickets/ticket/?status__exact=%00", "/tickets/?q=%00"]
)
def test_control_characters_in_a_url_are_refused(helpdesk, path):
    assert helpdesk.get(path).status_code == 400


@pytest.mark.parametrize("query", ["opened_at__year=-1", "description__regex=[]", "status__exact=nonsense"])
def test_admin_lists_accept_only_their_own_filters(helpdesk, query):
    response = helpdesk.client.get(f"/admin/tickets/ticket/?{query}", follow=True)
    assert response.status_code in (200, 400)


def test_text_typed_under_a_hidden_ticket_is_shown_again(user):
    response = user.post("/tickets/987654321/messages/", {"body": "Please <b>hurry</b>"})
    assert response.status_code == 404
    assert b"Please &lt;b&gt;hurry&lt;/b&gt;" in response.content


def test_body_over_the_limit_is_refused_with_all_headers(user):
    response = user.api("POST", "tickets/", {"description": "x" * 300_000})
    assert response.status_code == 413
    assert {"Content-Security-Policy", "X-Content-Type-Options", "Cache-Control"} <= set(response.headers)
