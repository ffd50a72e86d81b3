"""Real servers for the test run: PostgreSQL and Valkey from the project's own wheels.

Loaded by pytest before the settings are read. Servers named in the environment are used instead, but each of
several processes (`-n 2`) has its own, because they would see each other's writes.
"""

import atexit
import os
import secrets
import tempfile
from pathlib import Path

from campus_helpdesk.local_stack.postgres_server import Postgres
from campus_helpdesk.local_stack.valkey_server import Valkey

for key in ("SECRET_KEY", "SERVICE_KEY"):
    os.environ.setdefault(key, secrets.token_urlsafe(48))
os.environ["CAMPUS_TIME_ZONE"] = os.environ.get("TEST_TIME_ZONE", "Europe/Berlin")
os.environ.setdefault("RATE_LIMITS", "off")  # all clients have one address; tests of the limits set them
# Playwright's event loop runs in the main thread; the ORM is used beside it on purpose.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


class UnsyncedPostgres(Postgres):
    """Does not sync to disk: tests empty all tables hundreds of times and need not survive a power failure.
    Emptying a table scans all buffers, so there are few.

    Not for measurements of writes.
    """

    def _settings(self) -> list[str]:
        return [*super()._settings(), "-c", "fsync=off", "-c", "shared_buffers=128MB"]


def start_servers() -> None:
    folder = tempfile.TemporaryDirectory(prefix="helpdesk-tests-")
    Path(folder.name).chmod(0o711)  # as root, the database's user must be able to reach its folder
    atexit.register(folder.cleanup)
    os.environ["FILES_URL"] = (Path(folder.name) / "files").as_uri()
    database = UnsyncedPostgres if "PYTEST_VERSION" in os.environ else Postgres
    for variable, server in (("DATABASE_URL", database), ("REDIS_URL", Valkey)):
        if not os.environ.get(variable) or "PYTEST_XDIST_WORKER" in os.environ:
            running = server(Path(folder.name) / server.__name__.lower())
            os.environ[variable] = running.start()
            atexit.register(running.stop)


start_servers()
