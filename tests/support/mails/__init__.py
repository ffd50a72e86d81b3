"""Mails as bytes, made of a few parts."""

import base64

HELPDESK = "helpdesk@example.edu"
MAIL_SERVER = "mx.example.edu"
HEADERS = {
    "From": "Ursula Klein <ursula@example.edu>",
    "To": HELPDESK,
    "Subject": "Lamp in H 204",
    "Message-ID": "<1@mail.example.edu>",
    "Date": "Mon, 2 Mar 2026 10:00:00 +0100",
}
TEXT = "The lamp flickers."
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def mail(body: str | bytes = TEXT, *, charset: str = "utf-8", **headers: str | None) -> bytes:
    """headers: with "_" for "-"; None leaves one out."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    known = {name.lower(): name for name in HEADERS}
    fields = HEADERS | {known.get(name.lower(), name): value for name, value in named.items()}
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    content = body if isinstance(body, bytes) else body.encode(charset)
    return "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n" + content


def part(kind: str, body: str | bytes, *lines: str) -> bytes:
    content = body if isinstance(body, bytes) else body.encode()
    return "\n".join([f"Content-Type: {kind}", *lines]).encode() + b"\n\n" + content


def photo(name: str = "IMG_1.PNG", kind: str = "image/png") -> bytes:
    transfer = "Content-Transfer-Encoding: base64"
    return part(f'{kind}; name="{name}"', base64.encodebytes(PNG), transfer, "Content-Disposition: inline")


def multipart(kind: str, *parts: bytes, boundary: str = "b1", more: str = "", **headers: str | None) -> bytes:
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\n" + one + b"\n" for one in parts) + mark + b"--\n"
    return mail(body, Content_Type=f'multipart/{kind}; boundary="{boundary}"{more}', **headers)


def nested(kind: str, *parts: bytes, boundary: str) -> bytes:
    mark = f"--{boundary}".encode()
    body = b"".join(mark + b"\n" + one + b"\n" for one in parts) + mark + b"--\n"
    return part(f'multipart/{kind}; boundary="{boundary}"', body)


def plain(text: str = TEXT) -> bytes:
    return part("text/plain; charset=utf-8", text)


def html(text: str) -> bytes:
    return part("text/html; charset=utf-8", text)


def html_mail(text: str) -> bytes:
    return mail(text, Content_Type="text/html; charset=utf-8")


def encoded(text: str, charset: str, transfer: str = "8bit") -> bytes:
    content = text.encode(charset)
    body = base64.encodebytes(content) if transfer == "base64" else content
    return mail(body, Content_Type=f'text/plain; charset="{charset}"', Content_Transfer_Encoding=transfer)


def bounce(status: bytes, kind: str = "message/delivery-status", **headers: str) -> bytes:
    report = "; report-type=delivery-status"
    sender = {"From": "MAILER-DAEMON@mx.example.edu", "Subject": "Undelivered Mail Returned to Sender"}
    parts = [plain("It could not be delivered."), part(kind, status)]
    return multipart("report", *parts, more=report, **(sender | headers))


def deep(levels: int) -> bytes:
    body = plain()
    for level in range(levels):
        body = nested("mixed", body, boundary=f"n{level}")
    return b"From: ursula@example.edu\nSubject: Deep\n" + body
