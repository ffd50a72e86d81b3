"""Header fields as people read them: decoded, on one line, and empty where they are broken."""

import re
from datetime import UTC, datetime, timedelta
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from incoming_mail.parsing.decoding import clean, decode_text, restore_bytes

MAX_LENGTH = 20_000  # of one field; more is cut before anything reads it
MAX_REFERENCES = 50
ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"]+@[^\s@<>()\[\]\\,;:\"]+")
MAX_ADDRESS_LENGTH = 254
MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
TOMORROW = timedelta(days=1)


def raw_fields(message: Message, name: str) -> list[str]:
    """All fields of this name, the topmost first, unfolded but not decoded."""
    found = [str(value) for key, value in message.raw_items() if key.lower() == name]
    return [re.sub(r"\r\n|[\r\n]", " ", restore_bytes(value))[:MAX_LENGTH].strip() for value in found]


def raw_field(message: Message, name: str) -> str:
    return next(iter(raw_fields(message, name)), "")


def decode_words(value: str) -> str:
    """Encoded words (RFC 2047) as text. A broken one stays as it is written."""
    try:
        parts = decode_header(value)
    except Exception:  # also binascii.Error, IndexError: the library was not written for every byte
        return value
    return "".join(
        part if isinstance(part, str) else decode_text(part, charset or "utf-8") for part, charset in parts
    )


def read_line(message: Message, name: str) -> str:
    return " ".join(clean(decode_words(raw_field(message, name))).split())


def read_sender(message: Message) -> tuple[str, str]:
    """Address and name of From; ("", "") unless it has exactly one address."""
    found = split_addresses(raw_fields(message, "from")[:2])
    if len(found) != 1:
        return "", ""
    name, address = found[0]
    readable = " ".join(clean(decode_words(name)).split()).strip("'\" ")
    return address, "" if "@" in readable else readable


def split_addresses(values: list[str]) -> list[tuple[str, str]]:
    """(name, address) of each; an unusable one gives an empty address."""
    try:
        pairs = getaddresses(values)
    except Exception:
        return []
    return [(name, clean_address(address)) for name, address in pairs]


def clean_address(text: str) -> str:
    """In lower case; empty if it is none."""
    address = clean(decode_words(text)).strip().lower()
    is_usable = len(address) <= MAX_ADDRESS_LENGTH and ADDRESS.fullmatch(address)
    return address if is_usable else ""


def read_recipients(message: Message) -> tuple[str, ...]:
    """Every address that the mail was sent or delivered to."""
    names = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "resent-to")
    values = [value for name in names for value in raw_fields(message, name)]
    return tuple(dict.fromkeys(address for _, address in split_addresses(values) if address))


def read_message_ids(message: Message, *names: str) -> tuple[str, ...]:
    found = [one for name in names for one in MESSAGE_ID.findall(raw_field(message, name))]
    return tuple(dict.fromkeys(map(clean, found)))[:MAX_REFERENCES]


def read_date(message: Message) -> datetime | None:
    """When it was written. None if that is missing, unusable or in the future."""
    try:
        written_at = parsedate_to_datetime(raw_field(message, "date"))
        written_at = written_at if written_at.tzinfo else written_at.replace(tzinfo=UTC)
        return written_at.astimezone(UTC) if written_at <= datetime.now(UTC) + TOMORROW else None
    except Exception:  # TypeError, ValueError, OverflowError, IndexError, by version
        return None
