"""What `manage.py` needs around a command: the embedded database, or nothing at all."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from campus_helpdesk.embedded.folder import data_folder, keys

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


def needs_database(words: list[str]) -> bool:
    """`words` are those after `manage.py`. A question for help needs none, `check --database` does."""
    if not words or {"-h", "--help", "--version"} & set(words):
        return False
    return words[0] not in WITHOUT_DATABASE or "--database" in words


@contextmanager
def surroundings(words: list[str]) -> Iterator[None]:
    """The environment that a command runs in; a server started for it ends with it.

    DATABASE_URL set: nothing is touched, settings ask for what is missing. Otherwise the database of
    DATA: the server of the running stack, or one for as long as the command lasts.
    """
    if os.environ.get("DATABASE_URL"):
        yield
    elif needs_database(words):
        with _database():
            yield
    else:
        _without_database(words)
        yield


def _without_database(words: list[str]) -> None:
    """Keys for this process only; `check --deploy` is there to judge the real ones."""
    if "--deploy" not in words:
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
        os.environ.setdefault("SERVICE_KEY", secrets.token_urlsafe(48))


@contextmanager
def _database() -> Iterator[None]:
    from campus_helpdesk.embedded.postgres import Postgres
    from campus_helpdesk.embedded.valkey import Valkey

    folder = data_folder()
    server = Postgres(folder)
    url = server.running_url()
    if url is None:
        url = server.start()
    try:
        redis_url = Valkey(folder).running_url()
        if redis_url:
            os.environ.setdefault("REDIS_URL", redis_url)
        for name, value in keys(folder).items():
            os.environ.setdefault(name, value)
        os.environ["DATABASE_URL"] = url
        yield
    finally:
        server.stop()


def manage(words: list[str]) -> None:
    """Run one command; trouble with the servers is one message and exit 1.

    `run` starts Django in its children only, so that it is up at once and small.
    """
    from campus_helpdesk.embedded.folder import FolderInUse
    from campus_helpdesk.embedded.homes import HomeUnusable
    from campus_helpdesk.embedded.process import StartFailed

    if words == ["run"]:
        from campus_helpdesk.embedded.stack import run_stack

        sys.exit(run_stack())

    try:
        with surroundings(words):
            from django.core.management import execute_from_command_line

            execute_from_command_line(["manage.py", *words])
    except (FolderInUse, HomeUnusable, StartFailed) as trouble:
        sys.exit(str(trouble))
