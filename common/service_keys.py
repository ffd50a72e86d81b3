"""Shared keys: whether one is strong enough, and the names derived from it."""

import hashlib
import re

MIN_LENGTH = 32
MIN_VARIETY = 10
SAMPLE = re.compile(
    "change|sample|example|secret|insecure|password|replace|0123456789|abcdefgh|qwerty", re.IGNORECASE
)
ADVICE = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"


def find_weakness(key: str) -> str:
    """Why this key is too weak; empty if it is strong enough. The key is never quoted."""
    if not key:
        return f"is not set; {ADVICE}"
    if len(key) < MIN_LENGTH:
        return f"must have at least {MIN_LENGTH} characters; {ADVICE}"
    if SAMPLE.search(key):
        return f"looks like a published example; {ADVICE}"
    is_repeated = key in (key + key)[1:-1]
    if is_repeated or len(set(key)) < MIN_VARIETY:
        return f"repeats too few characters to be random; {ADVICE}"
    return ""


def key_id(key: str) -> str:
    """The `kid` of its tokens: distinguishes two keys during a replacement and reveals neither."""
    return hashlib.sha256(f"kid:{key}".encode()).hexdigest()[:16]


def broker_prefix(service_key: str) -> str:
    """The prefix of all names of an installation in its broker, so that two installations can share one."""
    return f"helpdesk-{hashlib.sha256(f'broker:{service_key}'.encode()).hexdigest()[:16]}:"
