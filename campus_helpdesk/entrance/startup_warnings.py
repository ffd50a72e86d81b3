"""Warnings for the person who starts the site: who can reach it, and what that means."""

import ipaddress
from collections.abc import Iterable, Iterator

from django.conf import settings

OPEN_ENTRANCE = (
    "Anyone who can reach %s can choose the helpdesk role. Limit who can reach it in your network,"
    " or put a sign-on in front of it (ROLE_SOURCE=proxy)."
)


def find_warnings(listening: Iterable[object]) -> Iterator[str]:
    """`listening`: the result of getsockname() of each socket, a path for a Unix socket."""
    reachable = [name[0] for name in listening if isinstance(name, tuple) and not is_local(name[0])]
    if settings.ROLE_SOURCE == "door" and reachable:
        yield OPEN_ENTRANCE % ", ".join(reachable)


def is_local(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
