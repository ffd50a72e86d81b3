"""What a service's token says, once its signature, its life and its shape have been found good.

A key is replaced without a pause: the new one becomes SERVICE_KEY, the old one SERVICE_KEY_OLD, which is
believed and signs nothing, until the last worker has started with the new one.
"""

from dataclasses import dataclass

import jwt
from django.conf import settings

from common.service_keys import broker_prefix, name_key, weakness_of

__all__ = ["Claims", "TokenRefused", "broker_prefix", "read_claims", "weakness_of"]

AUDIENCE = "campus-helpdesk"
LONGEST_LIFE = 120
LEEWAY = 30  # seconds that two clocks may differ
READING, WRITING = "tickets:read", "analysis:write"
SCOPES = (READING, WRITING)
REQUIRED = ["exp", "iat", "aud", "iss", "scope", "role"]


class TokenRefused(Exception):
    """The token is not good. Why is said to nobody: it would only help somebody who guesses."""


@dataclass(frozen=True)
class Claims:
    """role: as it was said. analysis: the one that a token of scope `analysis:write` was made for."""

    issuer: str
    role: str
    scope: str
    analysis: str


def read_claims(token: str) -> Claims:
    """HS256 under one of our keys, one audience, one scope, 120 s at most. Raises TokenRefused."""
    for key in choose_keys(token):
        try:
            return check_claims(decode(token, key))
        except (jwt.PyJWTError, OverflowError):
            continue
    raise TokenRefused


def choose_keys(token: str) -> list[str]:
    """The key that the token names; all of ours where it names none that we know."""
    keys = [key for key in (settings.SERVICE_KEY, settings.SERVICE_KEY_OLD) if key]
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise TokenRefused from error
    return [key for key in keys if name_key(key) == named] or keys


def decode(token: str, key: str) -> dict:
    return jwt.decode(token, key, ["HS256"], audience=AUDIENCE, leeway=LEEWAY, options={"require": REQUIRED})


def check_claims(claims: dict) -> Claims:
    """Raises TokenRefused."""
    moments = [claims["iat"], claims["exp"]]
    texts = [claims["iss"], claims["role"], claims["scope"], claims.get("analysis", "")]
    if any(type(moment) is not int for moment in moments) or any(type(text) is not str for text in texts):
        raise TokenRefused
    issuer, role, scope, analysis = texts
    is_short = 0 < moments[1] - moments[0] <= LONGEST_LIFE
    if not is_short or scope not in SCOPES:
        raise TokenRefused
    return Claims(issuer, role, scope, analysis)
