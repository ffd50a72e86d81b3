"""Data directories of sites, and the migrated empty database with which each begins."""

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from campus_helpdesk.local_stack.data_dir import ROOT
from campus_helpdesk.local_stack.postgres_server import Postgres

KEYS = {"SECRET_KEY": secrets.token_urlsafe(48), "SERVICE_KEY": secrets.token_urlsafe(48)}


def make_directory() -> Path:
    """Has a short path, because of the sockets in it; other users may enter it, as PostgreSQL's must."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    folder.chmod(0o711)
    return folder


@cache
def template() -> Path:
    """A migrated empty database, made once per test run."""
    folder = make_directory()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with Postgres(folder) as server:
        environment = os.environ | KEYS | {"DATABASE_URL": server.url}
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"]
        subprocess.run(command, env=environment, cwd=ROOT, check=True)
    return folder


def copy_template(folder: Path) -> None:
    """Preserves owners and modes."""
    names = ["postgres", "postgres-password"]
    subprocess.run(["cp", "-a", *(str(template() / name) for name in names), str(folder)], check=True)
