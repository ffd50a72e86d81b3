"""Reports bad environment variables in one line, before anything is started or written."""

import os
import secrets
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg

from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.process import StartFailed

SETTINGS = [sys.executable, "-c", "import campus_helpdesk.settings"]
KEYS = ("SECRET_KEY", "SERVICE_KEY")  # DATA has some of its own


def check_environment() -> None:
    """Raises StartFailed."""
    check_settings()
    if os.environ.get("DEMO", "") not in ("", "0", "1"):
        raise StartFailed(f"DEMO must be 1 or 0, not {os.environ['DEMO']!r}.")
    check_api_address(os.environ.get("HELPDESK_API_URL", ""))
    if database := os.environ.get("DATABASE_URL"):
        check_database(database)


def check_settings() -> None:
    keys = {name: os.environ.get(name) or secrets.token_urlsafe(48) for name in KEYS}
    done = subprocess.run(SETTINGS, env=os.environ | keys, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise StartFailed(done.stderr.strip())


def check_api_address(address: str) -> None:
    """The address for the analytics services; the stack's own is used unless TLS is on."""
    is_tls = os.environ.get("TLS", "").strip().lower() in ("1", "on")
    schemes = ("https",) if is_tls else ("http", "https")
    if (address or is_tls) and not is_address(address, schemes):
        raise StartFailed(
            f"HELPDESK_API_URL must be the address of the API, beginning with {' or '.join(schemes)}://"
            f"{', because TLS=1: the API refuses http' if is_tls else ''}."
        )


def is_address(address: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def check_database(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error as error:
        raise StartFailed(f"DATABASE_URL: {str(error).splitlines()[0]}") from None
