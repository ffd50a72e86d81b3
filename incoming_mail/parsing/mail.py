"""Bytes -> ParsedMail."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.parser import BytesParser

from incoming_mail.parsing.authentication import is_confirmed
from incoming_mail.parsing.bounces import find_bounced
from incoming_mail.parsing.headers import (
    read_date,
    read_line,
    read_message_ids,
    read_recipients,
    read_sender,
)
from incoming_mail.parsing.kinds import Kind, find_kind
from incoming_mail.parsing.parts import Content, Photo, read_content
from incoming_mail.parsing.quotes import cut_quotes

MAX_TEXT_LENGTH = 100_000
MAX_SUBJECT_LENGTH = 500
# The library would need minutes or all memory for more than that.
MAX_CONTAINERS, MAX_DELIMITERS, MAX_LINES, MAX_HEADER_BYTES = 200, 5000, 1_000_000, 256 * 1024
ENCRYPTED = "It is encrypted, or signed in a way that hides its text."
NESTED = "It has too many parts, headers or lines, or is nested too deeply."
UNREADABLE = "Its structure could not be read."
# "Re: Fwd: [helpdesk] ..." in the languages of mail programs.
PREFIX = re.compile(
    r"^\s*(?:re|aw|antw|sv|vs|rv|res|rif|odp|fwd?|wg|tr|enc|i|doorst|回复|转发)\s*(?:\[\d+\])?\s*[:：]\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ParsedMail:
    """What a mail says.

    text: of all text parts in order. new_text: the same without quoted mails, for an answer. references: the
    Message-IDs that it answers. written_at: None if that is missing or unusable. left_out: names of files
    that are neither text nor photos. bounced: addresses that a bounce calls unreachable. problem: why it
    cannot be read, in a sentence; empty if it can.
    """

    kind: Kind = Kind.PERSONAL
    sender: str = ""
    sender_name: str = ""
    is_confirmed: bool = False
    recipients: tuple[str, ...] = ()
    subject: str = ""
    text: str = ""
    new_text: str = ""
    photos: tuple[Photo, ...] = ()
    left_out: tuple[str, ...] = ()
    message_id: str = ""
    references: tuple[str, ...] = ()
    written_at: datetime | None = None
    bounced: tuple[str, ...] = ()
    problem: str = ""


def parse_mail(raw: bytes, *, own_address: str = "", trusted_host: str = "") -> ParsedMail:
    """own_address: the helpdesk's, in lower case. trusted_host: whose Authentication-Results are believed."""
    headers = read_headers(raw, own_address=own_address, trusted_host=trusted_host)
    if is_excessive(raw):
        return ParsedMail(**headers, problem=NESTED)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
        content = read_content(message)
        headers["kind"] = find_kind(message, sender=headers["sender"], own_address=own_address)
        return ParsedMail(**headers, **read_texts(content), bounced=find_bounced(message))
    except RecursionError:
        return ParsedMail(**headers, problem=NESTED)
    except Exception:  # no mail may stand in the way of the next
        return ParsedMail(**headers, problem=UNREADABLE)


def is_excessive(raw: bytes) -> bool:
    lower = raw.lower()
    return (
        lower.count(b"boundary=") + lower.count(b"message/") > MAX_CONTAINERS
        or raw.count(b"\n--") > MAX_DELIMITERS
        or raw.count(b"\n") > MAX_LINES
        or find_body(raw) > MAX_HEADER_BYTES
    )


def read_headers(raw: bytes, *, own_address: str, trusted_host: str) -> dict:
    """What can be said without reading the parts; nothing if not even the headers can be read."""
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(
            raw[: min(find_body(raw), MAX_HEADER_BYTES)], headersonly=True
        )
        sender, name = read_sender(message)
        return {
            "kind": find_kind(message, sender=sender, own_address=own_address),
            "sender": sender,
            "sender_name": name,
            "is_confirmed": is_confirmed(message, sender=sender, trusted_host=trusted_host),
            "recipients": read_recipients(message),
            "subject": read_line(message, "subject")[:MAX_SUBJECT_LENGTH],
            "message_id": next(iter(read_message_ids(message, "message-id")), ""),
            "references": read_message_ids(message, "in-reply-to", "references"),
            "written_at": read_date(message),
        }
    except Exception:
        return {"kind": Kind.PERSONAL, "sender": ""}


def find_body(raw: bytes) -> int:
    found = re.search(rb"\r?\n\r?\n", raw)
    return found.end() if found else len(raw)


def read_texts(content: Content) -> dict:
    text = content.text[:MAX_TEXT_LENGTH]
    return {
        "text": text,
        "new_text": cut_quotes(text),
        "photos": tuple(content.photos),
        "left_out": tuple(content.left_out),
        "problem": ENCRYPTED if content.is_encrypted else "",
    }


def plain_subject(subject: str) -> str:
    """Without "Re:" and "Fwd:"."""
    while (shorter := PREFIX.sub("", subject)) != subject:
        subject = shorter
    return subject.strip()
