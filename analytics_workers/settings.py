"""A worker's settings from its environment; each error message names the variable."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from common.celery_options import broker_url
from common.service_keys import broker_prefix, find_weakness


class SettingRefused(ValueError):
    """A variable is missing or invalid; the message is for the person who starts the worker."""


@dataclass(frozen=True)
class Settings:
    redis_url: str = field(repr=False)
    service_key: str = field(repr=False)
    api_url: str
    facts_folder: Path

    @property
    def broker_url(self) -> str:
        return broker_url(self.redis_url)

    @property
    def broker_prefix(self) -> str:
        return broker_prefix(self.service_key)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Raises SettingRefused."""
    return Settings(
        redis_url=read_redis_url(environ),
        service_key=read_service_key(environ),
        api_url=read_api_url(environ),
        facts_folder=make_facts_folder(environ),
    )


def read_redis_url(environ: Mapping[str, str]) -> str:
    value = _read(environ, "REDIS_URL")
    try:
        parts = urlsplit(value)
        is_tcp = parts.scheme in ("redis", "rediss") and parts.hostname and parts.port != 0
        is_socket = parts.scheme == "unix" and parts.path.startswith("/")
    except ValueError:
        is_tcp = is_socket = False
    if not (is_tcp or is_socket):
        raise SettingRefused("REDIS_URL must look like redis://host:6379/0 or unix:///path/to/socket?db=0.")
    return value


def read_service_key(environ: Mapping[str, str]) -> str:
    value = _read(environ, "SERVICE_KEY")
    if weakness := find_weakness(value):
        raise SettingRefused(f"SERVICE_KEY {weakness}.")
    return value


def read_api_url(environ: Mapping[str, str]) -> str:
    """The base of every request, with a trailing slash."""
    value = _read(environ, "HELPDESK_API_URL")
    try:
        parts = urlsplit(value)
        is_http = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        is_http = is_plain = False
    if not (is_http and is_plain):
        raise SettingRefused("HELPDESK_API_URL must look like http://127.0.0.1:8000/api/v1/.")
    return value.rstrip("/") + "/"


def make_facts_folder(environ: Mapping[str, str]) -> Path:
    """The directory of the facts' copy, owned by this user: the one for temporary files is shared."""
    own = Path(tempfile.gettempdir()) / f"campus-helpdesk-facts-{os.getuid()}"
    folder = Path(environ.get("FACTS_FOLDER", "").strip() or own)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_ours = folder.stat(follow_symlinks=False).st_uid == os.getuid()
    except OSError as error:
        raise SettingRefused(f"FACTS_FOLDER: {folder} cannot be created ({error.strerror}).") from None
    if not is_ours or not os.access(folder, os.W_OK):
        raise SettingRefused(f"FACTS_FOLDER: {folder} is not writable, or belongs to another user.")
    return folder


def _read(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingRefused(f"{name} is not set.")
    return value
