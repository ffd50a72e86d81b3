"""The parts of a mail: all its texts in their order, its photos, and what is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from incoming_mail.parsing.decoding import clean, decode_text, unflow
from incoming_mail.parsing.headers import decode_words
from incoming_mail.parsing.html_text import html_to_text

MAX_TEXT_BYTES = 2_000_000  # of one part; a ticket holds a hundredth of it
MAX_PARTS = 300
PHOTO_KIND = re.compile(r"image/(?:x-)?(?:p?jpe?g|mpo|png|webp|hei[cf]|avif)$")
PHOTO_NAME = re.compile(r"\.(?:jpe?g|png|webp|hei[cf]|avif)$", re.IGNORECASE)
SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")
ENCRYPTED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted")
REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")
PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
PGP_SIGNED = re.compile(
    r"\s*-----BEGIN PGP SIGNED MESSAGE-----\n(?:[A-Za-z-]+: [^\n]*\n)*\n(.*?)\n-----BEGIN PGP SIGNATURE-----",
    re.DOTALL,
)


@dataclass(frozen=True)
class Photo:
    name: str
    content: bytes


@dataclass
class Content:
    """What a part and the parts in it hold. plain: whether a text was written as such, not as HTML.
    attached: texts of mails that are attached to this one."""

    texts: list[str] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    attached: list[str] = field(default_factory=list)
    is_plain: bool = False
    is_encrypted: bool = False

    def add(self, other: "Content", *, with_texts: bool = True) -> None:
        if with_texts:
            self.texts += other.texts
        self.photos += other.photos
        self.left_out += other.left_out
        self.attached += other.attached
        self.is_plain |= other.is_plain
        self.is_encrypted |= other.is_encrypted

    @property
    def text(self) -> str:
        texts = [text for text in self.texts if text.strip()] or self.attached
        return "\n\n".join(text.strip("\n") for text in texts).strip()


def read_content(part: Message) -> Content:
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        return choose_text([read_content(child) for child in children(part)])
    if kind == "multipart/encrypted":
        return Content(is_encrypted=True)
    if kind == "multipart/signed":
        return sum_up(children(part)[:1])
    if part.get_content_maintype() == "multipart":
        return sum_up(children(part))
    if kind in ("message/rfc822", "message/global"):
        return read_attached_mail(part)
    return read_leaf(part, kind)


def children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def sum_up(parts: list[Message]) -> Content:
    content = Content()
    for part in parts:
        content.add(read_content(part))
    return content


def choose_text(contents: list[Content]) -> Content:
    """Of alternatives the plain text, else the first that has one; photos of all of them."""
    written = [content for content in contents if content.text]
    chosen = next((content for content in written if content.is_plain), next(iter(written), None))
    result = Content()
    for content in contents:
        result.add(content, with_texts=content is chosen)
    result.is_encrypted = bool(contents) and all(content.is_encrypted for content in contents)
    return result


def read_attached_mail(part: Message) -> Content:
    inner = sum_up(children(part))
    name = file_name(part) or "a mail"
    return Content(left_out=[name], attached=[inner.text] if inner.text else [])


def read_leaf(part: Message, kind: str) -> Content:
    name = file_name(part)
    if kind in ENCRYPTED:
        return Content(is_encrypted=True)
    if kind in SIGNATURES or kind in REPORTS:
        return Content()
    if kind in ("text/plain", "text/html", "text/enriched") and not is_file(part):
        return read_text(part, kind)
    if PHOTO_KIND.match(kind) or PHOTO_NAME.search(name):
        content = read_bytes(part)
        return Content(photos=[Photo(name or "photo", content)] if content else [])
    return Content(left_out=[name or kind])


def is_file(part: Message) -> bool:
    """A text file, not a text of the mail itself."""
    return part.get_content_disposition() == "attachment" and bool(file_name(part))


def read_text(part: Message, kind: str) -> Content:
    text = decode_text(read_bytes(part)[:MAX_TEXT_BYTES], charset_of(part))
    if kind == "text/html":
        return Content(texts=[clean(html_to_text(text))])
    if str(part.get_param("format", "")).lower() == "flowed":
        text = unflow(text, deletes_space=str(part.get_param("delsp", "")).lower() == "yes")
    text = clean(text)
    if signed := PGP_SIGNED.match(text):
        text = signed[1]
    return Content(texts=[text], is_plain=bool(text.strip()), is_encrypted=PGP_MESSAGE in text)


def charset_of(part: Message) -> str:
    try:
        return part.get_content_charset() or "utf-8"
    except Exception:  # of a parameter in a broken encoding
        return "utf-8"


def read_bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def file_name(part: Message) -> str:
    """On one line and without a folder; empty if it has none."""
    try:
        name = decode_words(part.get_filename() or "")
    except Exception:  # of a parameter in a broken encoding
        return ""
    return " ".join(clean(re.split(r"[/\\]", name)[-1]).split())[:100]


def walk(message: Message) -> Iterator[Message]:
    """The message and all parts in it, at most MAX_PARTS; not into attached mails."""
    waiting, count = [message], 0
    while waiting and count < MAX_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        if part.get_content_maintype() == "multipart":
            waiting += children(part)
