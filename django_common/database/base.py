"""Django's PostgreSQL backend with limited waiting for answers.

The server's own limits (statement_timeout and the like) do not help if the server itself hangs, or if the
network swallows packets. Every wait of ours ends.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg import IsolationLevel
from psycopg.abc import PQGen

PATIENCE = 20.0  # seconds; longer than statement_timeout, whose error is the better one
CHECK_PATIENCE = 2.0  # for the check whether a kept connection still works
STEP = 0.1

Result = TypeVar("Result")


class Connection(psycopg.Connection[Any]):
    patience: float | None = PATIENCE

    def wait(self, gen: PQGen[Result], interval: float = STEP, timeout: float | None = None) -> Result:
        """Raises OperationalError when the time is over; the connection is closed then."""
        timeout = self.patience if timeout is None else timeout
        began = time.monotonic()
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if timeout is not None and time.monotonic() >= began + timeout:
                self.close()
            raise

    @contextmanager
    def waiting(self, seconds: float | None) -> Iterator[None]:
        """Sets another limit for a while; None waits as long as it takes."""
        before, self.patience = self.patience, seconds
        try:
            yield
        finally:
            self.patience = before


class CommitLost(OperationalError):
    """The connection was lost during a commit: either all of the transaction was saved, or nothing."""


class DatabaseWrapper(base.DatabaseWrapper):
    connection: Connection | None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return Connection.connect(**conn_params)

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        with self.connection.waiting(CHECK_PATIENCE):
            return super().is_usable()

    def commit(self) -> None:
        try:
            super().commit()
        except OperationalError as error:
            if self.connection is None or self.connection.closed:
                raise CommitLost from error.__cause__
            raise
