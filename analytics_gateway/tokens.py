"""The claims of a service's token, after its signature, lifetime and shape have been checked.

To replace a key without downtime, the new one becomes SERVICE_KEY and the old one SERVICE_KEY_OLD, which is
accepted but signs nothing, until the last worker has started with the new one.
"""

from typing import Literal

import jwt
import msgspec
from django.conf import settings

from common.service_keys import key_id

AUDIENCE = "campus-helpdesk"
MAX_LIFETIME = 120  # seconds
LEEWAY = 30  # seconds that two clocks may differ
READ_SCOPE = "tickets:read"


class TokenRefused(Exception):
    """The token is invalid. The reason stays secret: it would only help an attacker."""


class Claims(msgspec.Struct, frozen=True):
    """role: as claimed. analysis: the one for which a token of scope `analysis:write` was made."""

    issuer: str = msgspec.field(name="iss")
    role: str
    scope: Literal["tickets:read", "analysis:write"]
    issued_at: int = msgspec.field(name="iat")
    expires_at: int = msgspec.field(name="exp")
    analysis: str = ""


def read_claims(token: str) -> Claims:
    """HS256 with one of the keys, one audience, one scope, 120 s at most. Raises TokenRefused."""
    for key in choose_keys(token):
        try:
            claims = msgspec.convert(decode(token, key), Claims)
        except (jwt.PyJWTError, OverflowError, msgspec.ValidationError):
            continue
        if 0 < claims.expires_at - claims.issued_at <= MAX_LIFETIME:
            return claims
    raise TokenRefused


def choose_keys(token: str) -> list[str]:
    """The key that the token names; all keys if it names none of them."""
    keys = [key for key in (settings.SERVICE_KEY, settings.SERVICE_KEY_OLD) if key]
    try:
        named = jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError as error:
        raise TokenRefused from error
    return [key for key in keys if key_id(key) == named] or keys


def decode(token: str, key: str) -> dict:
    return jwt.decode(token, key, ["HS256"], audience=AUDIENCE, leeway=LEEWAY)
