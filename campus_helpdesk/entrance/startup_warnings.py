"""What whoever starts the site should read each time: who reaches it, and what that means."""

import ipaddress
from collections.abc import Iterable, Iterator

from django.conf import settings

OPEN_ENTRANCE = (
    "Whoever reaches %s can choose the helpdesk's role at the door. Who may reach it is for your network to"
    " decide, or for a sign-on in front of it (ROLE_SOURCE=proxy)."
)


def find_warnings(listening: Iterable[object]) -> Iterator[str]:
    """`listening`: what getsockname() says of each socket, a path where it is a Unix socket."""
    reachable = [name[0] for name in listening if isinstance(name, tuple) and not is_local(name[0])]
    if settings.ROLE_SOURCE == "door" and reachable:
        yield OPEN_ENTRANCE % ", ".join(reachable)


def is_local(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback
