"""Clients: a browser that chose a role, a service with its token."""

import time
from datetime import timedelta

import jwt
from django.conf import settings
from django.test import Client
from django.utils import timezone


def enter(role: str, name: str = "") -> Client:
    """A client that chose a role at the entrance, with the CSRF check as strict as in production."""
    client = Client(enforce_csrf_checks=True)
    client.get("/")
    token = client.cookies["csrftoken"].value
    response = client.post("/enter/", {"role": role, "name": name, "csrfmiddlewaretoken": token})
    assert response.status_code == 302, response.content
    return ApiClient(client)


class ApiClient:
    """A client that sends the CSRF token and JSON."""

    def __init__(self, client: Client):
        self.client = client

    @property
    def token(self) -> str:
        return self.client.cookies["csrftoken"].value

    def get(self, path: str, **headers):
        return self.client.get(path, headers=headers)

    def api(self, method: str, path: str, body=None, **headers):
        send = getattr(self.client, method.lower())
        headers = {"X-CSRFToken": self.token} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if method == "GET":
            return send(f"/api/v1/{path}", headers=headers)
        return send(f"/api/v1/{path}", data=body, content_type="application/json", headers=headers)

    def post(self, path: str, form: dict, **options):
        return self.client.post(path, {**form, "csrfmiddlewaretoken": self.token}, **options)


def bearer(pk, scope: str = "analysis:write", **claims) -> dict[str, str]:
    """The header of a service, with a token made as the workers make theirs."""
    now = int(time.time())
    content = {
        "iss": "analytics-worker",
        "aud": "campus-helpdesk",
        "role": "helpdesk",
        "scope": scope,
        "analysis": str(pk),
        "iat": now,
        "exp": now + 60,
    } | claims
    return {"Authorization": f"Bearer {jwt.encode(content, settings.SERVICE_KEY, headers={'kid': '1'})}"}


def make_token(key=None, **changes):
    now = timezone.now()
    claims = {
        "iss": "analytics-worker",
        "aud": "campus-helpdesk",
        "role": "helpdesk",
        "scope": "tickets:read",
    }
    claims |= {"iat": now, "exp": now + timedelta(seconds=60)} | changes
    return jwt.encode(
        {k: v for k, v in claims.items() if v is not None}, key or settings.SERVICE_KEY, "HS256"
    )


def get_facts(path="", accept="text/csv", token=None):
    headers = {"Accept": accept, "Authorization": f"Bearer {token or make_token()}"}
    return Client().get(f"/api/v1/facts/{path}", headers=headers)


def match(version):
    return {"If_Match": f'"{version}"'}
