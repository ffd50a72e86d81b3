"""Drops headers that only a proxy may set, unless a trusted proxy sent them.

This comes before every middleware that reads such a header, so that all of them may trust it.
"""

import ipaddress
import secrets

from django.conf import settings
from django.http import HttpResponse

from common.errors import Invalid
from common.roles import Role
from django_common.requests import CampusRequest, GetResponse
from django_common.text_validation import MAX_NAME_LENGTH, clean_line, fold_line

SIGN_ON_HEADERS = ROLE, NAME, SECRET = "HTTP_X_CAMPUS_ROLE", "HTTP_X_CAMPUS_NAME", "HTTP_X_CAMPUS_SECRET"
FORWARDING_HEADERS = ("HTTP_X_FORWARDED", "HTTP_FORWARDED", "HTTP_X_REAL_IP")  # and all that begin with these


class ProxyHeadersMiddleware:
    """Gives each request `address`, `is_forwarded` and `signed_on`: see CampusRequest."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: CampusRequest) -> HttpResponse:
        forwarding = [name for name in request.META if name.startswith(FORWARDING_HEADERS)]
        request.is_forwarded = bool(forwarding)
        peer = request.META.get("REMOTE_ADDR", "")
        is_known = is_trusted(peer)
        request.address = read_address(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""))
        request.signed_on = read_sign_on(request.META) if is_known else None
        for name in SIGN_ON_HEADERS if is_known else (*SIGN_ON_HEADERS, *forwarding):
            request.META.pop(name, None)
        vars(request).pop("headers", None)  # a copy of META, made when it was first read
        return self.get_response(request)


def is_trusted(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return False
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in settings.TRUSTED_PROXIES)


def read_address(peer: str, forwarded_for: str) -> str:
    """The last address of the chain that is not a trusted proxy: anyone can write what is before it."""
    address = peer
    for entry in reversed(forwarded_for.split(",")):
        if not is_trusted(address) or not is_address(entry.strip()):
            break
        address = entry.strip()
    return address


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def read_sign_on(headers: dict[str, str]) -> tuple[Role, str] | None:
    """Role and name from a trusted proxy's headers, None if its secret or the role is wrong.

    A header that was sent twice arrives as "user,helpdesk", which is no role.
    """
    secret = headers.get(SECRET, "").encode("latin-1", "replace")
    if settings.ROLE_SOURCE != "proxy" or not secrets.compare_digest(secret, settings.PROXY_SECRET.encode()):
        return None
    role = headers.get(ROLE, "")
    return (Role(role), read_name(headers.get(NAME, ""))) if role in list(Role) else None


def read_name(header: str) -> str:
    """In UTF-8; a name that cannot be shown is dropped."""
    try:
        name = fold_line(header.encode("latin-1").decode())
        return clean_line("name", name[:MAX_NAME_LENGTH], limit=MAX_NAME_LENGTH)
    except (UnicodeError, Invalid):
        return ""
