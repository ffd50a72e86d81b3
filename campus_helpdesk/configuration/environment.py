"""Small readers of environment variables. A bad value ends the process with one line that names the
variable."""

import ipaddress
import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NamedTuple, NoReturn
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import dj_database_url

from common.service_keys import find_weakness

INBOX_FORM = "imaps://user:password@host/folder; imap:// only on this machine"
EMAIL_FORM = "smtp://user:password@host:25, smtp+tls://... (STARTTLS) or smtps://... (TLS)"
EMAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
FILES_FORM = "file:///srv/files or s3://key:secret@host/bucket"
WITHOUT_HOST = ("unix", "postgres", "postgresql")  # a socket on this machine

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def refuse(message: str) -> NoReturn:
    """Ends the process before anything starts, with this line and without a traceback."""
    raise SystemExit(f"Campus Helpdesk cannot start: {message}")


class Rate(NamedTuple):
    """How often per minute: one session, and all from one address."""

    session: int
    address: int


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, "").strip() or default
    if value is None:
        refuse(f"{name} must be set; see .env.example.")
    return value


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "0", "1", "off", "on"):
        return value in ("1", "on") if value else default
    refuse(f"{name} must be 1, 0, on or off, not {value!r}.")


def names(name: str, default: str) -> list[str]:
    """The values of a list that is separated by spaces or commas."""
    return text(name, default).replace(",", " ").split()


def choice(name: str, *values: str) -> str:
    """One of these values; the first one by default."""
    value = text(name, values[0])
    if value not in values:
        refuse(f"{name} must be {' or '.join(values)}, not {value!r}.")
    return value


def secret(name: str, *, is_required: bool = True) -> str:
    """A shared key or password. A missing or weak one is refused."""
    value = text(name, "")
    if (value or is_required) and (weakness := find_weakness(value)):
        refuse(f"{name} {weakness}.")
    return value


def address(name: str, default: str, *, form: str, schemes: tuple[str, ...], is_production: bool) -> str:
    """The URL of a server. In production a password in it, in either position, must be as strong as any
    secret."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        has_location = parts.hostname or (parts.path and parts.scheme in WITHOUT_HOST)
        is_address = parts.scheme in schemes and bool(has_location) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        refuse(f"{name} must look like {form}.")
    passwords = [unquote(parts.password)] if parts.password else []
    for password in passwords + parse_qs(parts.query).get("password", []):
        if is_production and (weakness := find_weakness(password)):
            refuse(f"The password in {name} {weakness}.")
    return value


def database(name: str, *, is_production: bool) -> dict[str, Any]:
    """In the form of Django's DATABASES."""
    # Without it (a command that needs no database) the first query names what is missing.
    default, form = (
        "postgres://nobody@database-url-is-not-set/none",
        "postgres://user:password@host:5432/name",
    )
    schemes = ("postgres", "postgresql")
    value = address(name, default, form=form, schemes=schemes, is_production=is_production)
    try:
        found = dj_database_url.parse(value, engine="django_common.database", conn_max_age=60)
    except ValueError:
        refuse(f"{name} must look like {form}.")
    if not found["NAME"]:
        refuse(f"{name} names no database.")
    return {**found, "CONN_HEALTH_CHECKS": True}


def origins(name: str) -> list[str]:
    found = names(name, "")
    for origin in found:
        try:
            parts = urlsplit(origin)
            is_origin = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_origin = False
        if not is_origin:
            refuse(f"{name} must name origins like https://helpdesk.example.edu, not {origin!r}.")
    return found


def networks(name: str) -> list[Network]:
    """Addresses and networks (10.1.2.3, 10.0.0.0/8); none by default."""
    try:
        return [ipaddress.ip_network(word) for word in names(name, "")]
    except ValueError as error:
        refuse(f"{name} must name addresses or networks: {error}.")


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        refuse(f"{name} must be an IANA time zone, not {value!r}.")
    return value


def number(name: str, default: int, *, most: int) -> int:
    value = text(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) or not 1 <= int(value) <= most:
        refuse(f"{name} must be a number from 1 to {most}, not {value!r}.")
    return int(value)


def mail_address(name: str) -> str:
    """In lower case; empty without the variable."""
    value = text(name, "").lower()
    if value and not re.fullmatch(r"[a-z0-9._-]{1,20}@[a-z0-9.-]{1,200}", value, re.ASCII):
        refuse(f'{name} must look like helpdesk@example.edu, without a "+", not {value!r}.')
    return value


def mailbox(name: str) -> str:
    """The URL of a mailbox; empty without the variable. It holds a password: a refusal never quotes it."""
    value = text(name, "")
    try:
        parts = urlsplit(value)
        is_safe = parts.scheme == "imaps" or (
            parts.scheme == "imap" and parts.hostname in ("127.0.0.1", "::1", "localhost")
        )
        is_complete = bool(parts.hostname and parts.username and parts.password) and parts.port != 0
        is_complete = is_complete and unquote(value).isascii()  # IMAP knows no other letters at the login
    except ValueError:
        is_safe = is_complete = False
    if value and not (is_safe and is_complete):
        refuse(f"{name} must look like {INBOX_FORM}.")
    return value


def site(name: str, default: str) -> str:
    """The address at which people reach the site, without a slash at its end."""
    found = origins(name) or [default]
    if len(found) > 1 or urlsplit(found[0]).path.strip("/"):
        refuse(f"{name} must be one address like https://helpdesk.example.edu, not {text(name, '')!r}.")
    return found[0].rstrip("/")


def mail_server(name: str) -> dict[str, Any]:
    """Django's settings of the server that sends mail; without the variable, of none."""
    value = text(name, "")
    try:
        parts = urlsplit(value)
        is_address = not value or (parts.scheme in EMAIL_PORTS and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        is_address = False
    if not is_address:
        refuse(f"{name} must look like {EMAIL_FORM}.")
    return {
        "HOST": parts.hostname or "",
        "PORT": parts.port or EMAIL_PORTS.get(parts.scheme, 25),
        "HOST_USER": unquote(parts.username or ""),
        "HOST_PASSWORD": unquote(parts.password or ""),
        "USE_TLS": parts.scheme == "smtp+tls",
        "USE_SSL": parts.scheme == "smtps",
    }


def mail_sender(name: str, default: str) -> tuple[str, str]:
    """The sender of mails, and its domain."""
    value = text(name, default)
    _, sender = parseaddr(value)
    user, _, domain = sender.rpartition("@")
    if not re.fullmatch(r"[!-?A-~]+", user) or not re.fullmatch(r"[A-Za-z0-9.-]+", domain):
        refuse(f"{name} must look like Campus Helpdesk <helpdesk@example.edu>, not {value!r}.")
    return value, domain.lower()


def rate(name: str, default: str) -> Rate:
    value = text(name, default)
    if not re.fullmatch(r"[1-9][0-9]{0,5}/[1-9][0-9]{0,5}", value, re.ASCII):
        refuse(f"{name} must be session/address per minute, like {default}, not {value!r}.")
    return Rate(*map(int, value.split("/")))


def months(name: str) -> int | None:
    """A number of months; none if the variable is not set."""
    value = text(name, "")
    if not value:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,2}", value, re.ASCII):
        refuse(f"{name} must be a number of months from 1 to 999, not {value!r}.")
    return int(value)


def files(name: str, default: Path) -> dict[str, Any]:
    """Where files are stored, in the form of Django's STORAGES: a folder, or a bucket of any S3 service."""
    value = text(name, default.absolute().as_uri())
    try:
        parts = urlsplit(value)
        bucket = parts.path.strip("/") if parts.port != 0 else ""
    except ValueError:
        refuse(f"{name} must look like {FILES_FORM}.")
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return folder_storage(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.hostname and parts.username and parts.password and bucket:
        return s3_storage(parts, bucket)
    refuse(f"{name} must look like {FILES_FORM}.")


def folder_storage(folder: Path) -> dict[str, Any]:
    options = {
        "location": folder,
        "allow_overwrite": True,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    }
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}


def s3_storage(parts: SplitResult, bucket: str) -> dict[str, Any]:
    """`?tls=0` speaks plain HTTP to a server of one's own; `?region=` names the region."""
    query = parse_qs(parts.query)
    scheme = "http" if query.get("tls") == ["0"] else "https"
    port = f":{parts.port}" if parts.port else ""
    options = {
        "endpoint_url": f"{scheme}://{parts.hostname}{port}",
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "bucket_name": bucket,
        "region_name": query.get("region", ["us-east-1"])[0],
        "default_acl": None,
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
