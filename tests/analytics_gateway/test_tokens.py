"""Service tokens: what is accepted, for how long, under which key."""

import json
import secrets
import time

import jwt
import pytest
from django.test import Client

from analytics_gateway.tokens import LEEWAY, TokenRefused, read_claims
from common.service_keys import key_id
from tests.support.analyses import make_done

OLD, OTHER = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
SLACK = 5  # seconds that a slow machine may take between making and reading a token


def claim(*, age: int = 0, life: int = 60, **changes) -> dict:
    now = int(time.time()) - age
    content = {
        "iss": "analytics-worker",
        "aud": "campus-helpdesk",
        "role": "helpdesk",
        "scope": "tickets:read",
    }
    content |= {"iat": now, "exp": now + life} | changes
    return {name: value for name, value in content.items() if value is not None}


def sign(claims: dict, key: str, algorithm: str = "HS256", kid: str | None = None) -> str:
    """Bypasses PyJWT's own checks of the claims: another program may use a key, too."""
    headers = {} if kid is None else {"kid": kid}
    return jwt.api_jws.encode(json.dumps(claims).encode(), key, algorithm, headers=headers)


def is_refused(token: str) -> bool:
    try:
        read_claims(token)
    except TokenRefused:
        return True
    return False


def test_valid_token_has_issuer_role_and_scope(settings):
    claims = claim(scope="analysis:write", analysis="some-id")
    read = read_claims(sign(claims, settings.SERVICE_KEY))
    claims = (read.issuer, read.role, read.scope, read.analysis)
    assert claims == ("analytics-worker", "helpdesk", "analysis:write", "some-id")


@pytest.mark.parametrize(
    ("moments", "refused"),
    [
        ({"life": 120}, False),
        ({"life": 121}, True),
        ({"life": 0}, True),
        ({"life": -10}, True),
        ({"age": 60 + LEEWAY - SLACK}, False),
        ({"age": 60 + LEEWAY + 1}, True),
        ({"age": 3600}, True),
        ({"age": -LEEWAY}, False),
        ({"age": -LEEWAY - SLACK}, True),
        ({"age": -3600}, True),
    ],
)
def test_token_lifetime_is_limited_with_a_leeway_for_clocks(settings, moments, refused):
    assert is_refused(sign(claim(**moments), settings.SERVICE_KEY)) == refused


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("iss", "aud", "role", "scope", "iat", "exp")),
        {"aud": "another-site"},
        {"aud": ["another-site"]},
        {"scope": "tickets:write"},
        {"scope": ["tickets:read"]},
        {"scope": "tickets:read analysis:write"},
        {"scope": {}},
        {"iss": 5},
        {"role": ["helpdesk"]},
        {"analysis": 5},
        {"iat": "0"},
        {"iat": True},
        {"iat": 1.5},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": 10**400},
        {"exp": {}},
        {"nbf": 2**40},
    ],
)
def test_malformed_token_is_refused(settings, changes):
    assert is_refused(sign(claim(**changes), settings.SERVICE_KEY))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
def test_token_of_another_algorithm_is_refused(settings, algorithm):
    key = settings.SERVICE_KEY if algorithm != "none" else ""
    assert is_refused(sign(claim(), key, algorithm))


@pytest.mark.parametrize("kid", [None, "1", "", "../../etc/passwd", "x" * 5000])
def test_token_of_an_unknown_key_is_refused_whatever_its_key_id(settings, kid):
    settings.SERVICE_KEY_OLD = OLD
    assert is_refused(sign(claim(), OTHER, kid=kid))
    assert is_refused(sign(claim(), OTHER, kid=key_id(settings.SERVICE_KEY)))
    assert not is_refused(sign(claim(), settings.SERVICE_KEY, kid=kid))


def test_old_key_is_accepted_but_never_signs(settings):
    """The worker of before the change, the one of after it, and the time when the old key is removed."""
    before, after = (sign(claim(), key, kid=key_id(key)) for key in (OLD, settings.SERVICE_KEY))
    assert is_refused(before)
    settings.SERVICE_KEY_OLD = OLD
    assert not is_refused(before)
    assert not is_refused(after)
    mixed = sign(claim(), OLD, kid=key_id(settings.SERVICE_KEY))
    assert is_refused(mixed)
    assert jwt.get_unverified_header(after)["kid"] == key_id(settings.SERVICE_KEY)
    assert OLD[:8] not in key_id(OLD)


@pytest.mark.parametrize("secret_of_the_site", ["SECRET_KEY", "PROXY_SECRET"])
def test_other_secrets_of_the_site_sign_no_token(settings, secret_of_the_site):
    settings.PROXY_SECRET = OTHER
    assert is_refused(sign(claim(), getattr(settings, secret_of_the_site)))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_read_token_is_refused_elsewhere(settings, method):
    headers = {"Authorization": f"Bearer {sign(claim(), settings.SERVICE_KEY)}"}
    assert Client().get("/api/v1/facts/", headers=headers).status_code == 200
    assert Client().head("/api/v1/facts/", headers=headers).status_code == 200
    assert Client().generic(method, "/api/v1/facts/", headers=headers).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["admin", "", "Helpdesk"])
def test_unknown_role_is_refused(settings, role):
    headers = {"Authorization": f"Bearer {sign(claim(role=role), settings.SERVICE_KEY)}"}
    assert Client().get("/api/v1/facts/", headers=headers).status_code == 401


@pytest.mark.parametrize("place", ["token", "access_token", "jwt", "Authorization"])
def test_token_in_a_url_is_ignored(helpdesk, settings, place):
    token = sign(claim(), settings.SERVICE_KEY)
    assert Client().get("/api/v1/facts/", {place: f"Bearer {token}"}).status_code == 401
    assert helpdesk.client.get("/api/v1/facts/", {place: f"Bearer {token}"}).status_code == 403


def test_bad_token_is_always_the_same_401_even_with_a_session(helpdesk, settings):
    """There is also a helpdesk session, and it is not used."""
    tokens = [sign(claim(**changes), settings.SERVICE_KEY) for changes in ({"age": 3600}, {"aud": "x"})]
    tokens += [sign(claim(), OTHER), "x.y.z", "", "é.é.é", "a" * 5000]
    done = make_done()
    for path in ("tickets/", "facts/", f"analyses/{done.pk}/", f"analyses/{done.pk}/chart.svg"):
        answers = [helpdesk.api("GET", path, Authorization=f"Bearer {token}") for token in tokens]
        assert {answer.status_code for answer in answers} == {401}
        assert len({answer.content for answer in answers}) == 1
    assert json.loads(answers[0].content)["detail"] == "The token is invalid."


@pytest.mark.parametrize("ending", ["", "chart.svg", "chart.png", "table.csv"])
def test_only_the_helpdesk_may_read_an_analysis(helpdesk, user, nobody, settings, ending):
    done = make_done()
    path = f"/api/v1/analyses/{done.pk}/{ending}"
    assert helpdesk.get(path).status_code == 200
    assert user.get(path).status_code == 403
    assert nobody.get(path).status_code == 401
    for scope in ("tickets:read", "analysis:write"):
        token = sign(claim(scope=scope, analysis=str(done.pk)), settings.SERVICE_KEY)
        assert Client().get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 403
