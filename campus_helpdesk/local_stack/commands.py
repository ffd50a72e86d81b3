"""The environment of a `manage.py` command: the embedded database, or nothing.

The servers' modules are imported where they are used: a machine with its own servers lacks those wheels.
"""

import fcntl
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from campus_helpdesk.local_stack.data_dir import (
    DirectoryInUse,
    DirectoryUnusable,
    chosen_data_dir,
    files_url,
    keys,
    make_directory,
)
from campus_helpdesk.local_stack.postgres_dirs import PostgresDirUnusable
from campus_helpdesk.local_stack.process import StartFailed

WITHOUT_DATABASE = {
    "check",
    "classify",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "makemigrations",
    "run",
    "spectacular",
    "startapp",
    "version",
}
WAIT_FOR_SERVER_SECONDS = 20


def needs_database(arguments: list[str]) -> bool:
    """`arguments` are those after `manage.py`. Help needs no database, `check --database` does."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_DATABASE or "--database" in arguments


@contextmanager
def command_environment(arguments: list[str]) -> Iterator[None]:
    """The environment in which a command runs; a server started for it stops with it.

    With DATABASE_URL nothing is started, and settings report what is missing. Otherwise the database of DATA:
    the server of the running stack, or one that runs during the command.
    """
    if needs_database(arguments):
        with _database():
            yield
    else:
        _without_database(arguments)
        yield


def _without_database(arguments: list[str]) -> None:
    """Keys for this process only; `check --deploy` must check the real ones."""
    if "--deploy" not in arguments:
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
        os.environ.setdefault("SERVICE_KEY", secrets.token_urlsafe(48))


@contextmanager
def _database() -> Iterator[None]:
    """Uses the server that is running on DATA, if any; else starts one, which waits for other users to
    finish."""
    from campus_helpdesk.local_stack.postgres_server import Postgres

    folder = make_directory(chosen_data_dir())
    deadline = time.monotonic() + WAIT_FOR_SERVER_SECONDS
    while True:
        server = Postgres(folder)
        with _shared_use(folder, fcntl.LOCK_SH):
            if url := server.running_url():
                _name_servers(folder, url)
                yield
                return
        try:
            url = server.start()
            break
        except DirectoryInUse:  # another process is just starting or stopping it
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
    try:
        _name_servers(folder, url)
        yield
    finally:
        with _shared_use(folder, fcntl.LOCK_EX):
            server.stop()


@contextmanager
def _shared_use(folder: Path, mode: int) -> Iterator[None]:
    """Held shared by commands on another process's server, exclusively by the one that stops its own."""
    with (folder / "postgres.guests").open("a") as file:
        fcntl.flock(file, mode)
        yield


def _name_servers(folder: Path, database: str) -> None:
    from campus_helpdesk.local_stack.valkey_server import Valkey

    known = {
        "DATABASE_URL": database,
        "REDIS_URL": Valkey(folder).running_url(),
        "FILES_URL": files_url(folder),
        **keys(folder),
    }
    for name, value in known.items():
        if value and not os.environ.get(name):
            os.environ[name] = value


def manage(arguments: list[str]) -> None:
    """Runs one command; an error of the servers is one message and exit code 1.

    `run` starts Django in its child processes only, so that it is up at once and small.
    """
    if arguments == ["run"]:
        from campus_helpdesk.local_stack.stack import run_stack

        sys.exit(run_stack())

    try:
        with command_environment(arguments):
            from django_common.command_line import run_command

            run_command(arguments)
    except (DirectoryUnusable, PostgresDirUnusable, StartFailed) as error:
        sys.exit(str(error))
