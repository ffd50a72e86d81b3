"""The credentials of a service."""

import time

import jwt

from tests.support.chaos.directories import KEYS

LIFETIME = 60  # seconds


def bearer(scope: str, *, ahead: float = 0, **claims: str) -> dict[str, str]:
    """The Authorization header, with a token signed by a clock that is this many seconds ahead."""
    made = int(time.time() + ahead)
    content = {"iss": "fault test", "aud": "campus-helpdesk", "scope": scope, "role": "helpdesk"}
    content |= {"iat": made, "exp": made + LIFETIME} | claims
    return {"Authorization": f"Bearer {jwt.encode(content, KEYS['SERVICE_KEY'], headers={'kid': '1'})}"}
