"""Small readers of the environment. They refuse nonsense with a sentence that names the variable."""

import os
import re
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured


class Rate(NamedTuple):
    """How often in a minute: one session, and all from one address."""

    session: int
    address: int


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} must be set; see .env.example.")
    return value


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "0", "1", "off", "on"):
        return value in ("1", "on") if value else default
    raise ImproperlyConfigured(f"{name} must be 1, 0, on or off, not {value!r}.")


def words(name: str, default: str) -> list[str]:
    return [word for word in text(name, default).replace(",", " ").split() if word]


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name} must be an IANA time zone, not {value!r}.") from error
    return value


def rate(name: str, default: str) -> Rate:
    value = text(name, default)
    if not re.fullmatch(r"[1-9][0-9]{0,5}/[1-9][0-9]{0,5}", value, re.ASCII):
        raise ImproperlyConfigured(f"{name} must be session/address a minute, like {default}, not {value!r}.")
    return Rate(*map(int, value.split("/")))
