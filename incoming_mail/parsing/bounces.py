"""Which addresses a bounce reports as unreachable."""

import re
from collections.abc import Iterator
from email.message import Message

from incoming_mail.parsing.decoding import decode_text, restore_bytes
from incoming_mail.parsing.headers import clean_address, raw_field
from incoming_mail.parsing.parts import read_bytes, walk

STATUS_PARTS = ("message/delivery-status", "message/global-delivery-status")
FIELD = re.compile(
    r"^(final-recipient|original-recipient|action)[ \t]*:[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE
)
ESCAPE = re.compile(r"\\x\{([0-9a-f]{2,6})\}", re.IGNORECASE)  # RFC 6533
MAX_ADDRESSES = 50


def find_bounced(message: Message) -> tuple[str, ...]:
    """The recipients that are failed for good; a delay is none."""
    blocks = [dict_of(block) for part in walk(message) for block in status_blocks(part)]
    found = [
        address_of(block.get("final-recipient") or block.get("original-recipient", ""))
        for block in blocks
        if block.get("action", "").strip().lower() == "failed"
    ]
    if not blocks:
        found = [clean_address(word) for word in raw_field(message, "x-failed-recipients").split(",")]
    return tuple(dict.fromkeys(filter(None, found)))[:MAX_ADDRESSES]


def status_blocks(part: Message) -> Iterator[str]:
    """One for each recipient. The library splits them for the older type only, and decodes neither."""
    if part.get_content_type() not in STATUS_PARTS:
        return
    payload = part.get_payload()
    pieces = payload if isinstance(payload, list) else [part]
    texts = [text_of(piece, part) for piece in pieces if isinstance(piece, Message)]
    yield from re.split(r"\n[ \t]*\n", "\n\n".join(texts))


def text_of(piece: Message, part: Message) -> str:
    fields = "\n".join(f"{name}: {restore_bytes(str(value))}" for name, value in piece.raw_items())
    fields = "" if piece is part else fields
    if str(part.get("content-transfer-encoding", "")).strip().lower() in ("base64", "quoted-printable"):
        piece["Content-Transfer-Encoding"] = str(part["content-transfer-encoding"])
    body = decode_text(read_bytes(piece), "utf-8")
    return f"{fields}\n\n{body}".replace("\r\n", "\n")


def dict_of(block: str) -> dict[str, str]:
    return {name.lower(): value for name, value in FIELD.findall(block)}


def address_of(field: str) -> str:
    """Of "rfc822; name@host" or "utf-8; name@host"."""
    text = field.rpartition(";")[2]
    return clean_address(ESCAPE.sub(lambda found: decode_point(found[1]), text).strip().strip("<>"))


def decode_point(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF else ""
