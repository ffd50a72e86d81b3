"""Addresses and Message-IDs that name a ticket and prove that we made them. An answer belongs to the ticket
that one of them names, never to a number that anybody can write."""

import re
from base64 import b32encode

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

MAC_BYTES = 10
SIGNED = r"(?P<ticket>[1-9][0-9]{0,17})(?P<name>(?:\.[A-Za-z0-9_-]{1,64})?)[-.](?P<mac>[a-z2-7]{16})"
TAG = re.compile(SIGNED)
MESSAGE_ID = re.compile(rf"<{SIGNED}@[^<>@\s]+>")


def make_reply_address(ticket: int) -> str:
    """The helpdesk's address with a tag, for Reply-To; empty if the helpdesk has none."""
    local, at, domain = settings.INBOX_ADDRESS.partition("@")
    return f"{local}+{ticket}-{sign('address', str(ticket))}{at}{domain}" if at else ""


def read_reply_address(address: str) -> int | None:
    """The ticket that an address of ours names. Addresses are read without regard to case."""
    local, _, domain = settings.INBOX_ADDRESS.partition("@")
    name, _, rest = address.lower().partition("+")
    tag, _, host = rest.partition("@")
    if not domain or (name, host) != (local, domain):
        return None
    return read_signed(TAG.fullmatch(tag), "address")


def hide_tags(text: str) -> str:
    """For texts that others read: who knows a signed address can answer in its ticket."""
    local, _, domain = map(re.escape, settings.INBOX_ADDRESS.partition("@"))
    tagged = rf"{local}\+{SIGNED}@{domain}"
    return re.sub(tagged, settings.INBOX_ADDRESS, text, flags=re.IGNORECASE) if domain else text


def make_message_id(ticket: int, name: str, domain: str) -> str:
    """name: letters and digits that make it unique under this ticket."""
    signed = f"{ticket}.{name}"
    return f"<{signed}.{sign('message', signed)}@{domain}>"


def read_message_id(message_id: str) -> int | None:
    """The ticket that a Message-ID of ours names."""
    return read_signed(MESSAGE_ID.fullmatch(message_id), "message")


def read_signed(found: re.Match[str] | None, purpose: str) -> int | None:
    if not found:
        return None
    expected = sign(purpose, f"{found['ticket']}{found['name']}")
    return int(found["ticket"]) if constant_time_compare(found["mac"], expected) else None


def sign(purpose: str, value: str) -> str:
    """In letters that survive programs which write addresses in capitals."""
    digest = salted_hmac("incoming mail", f"{purpose}:{value}", algorithm="sha256").digest()
    return b32encode(digest[:MAC_BYTES]).decode().lower()
