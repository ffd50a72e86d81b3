"""Django's PostgreSQL backend with a timeout for each response.

The server's own limits (statement_timeout and the like) do not help if the server itself hangs, or if packets
are lost in the network.
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

RESPONSE_TIMEOUT = 20.0  # seconds; longer than statement_timeout, whose error is the better one
CHECK_TIMEOUT = 2.0  # for the check whether a kept connection still works
CHECK_INTERVAL = 0.1

Result = TypeVar("Result")


class Connection(psycopg.Connection[Any]):
    response_timeout: float | None = RESPONSE_TIMEOUT

    def wait(
        self, gen: PQGen[Result], interval: float = CHECK_INTERVAL, timeout: float | None = None
    ) -> Result:
        """Closes the connection and raises OperationalError after the timeout."""
        timeout = self.response_timeout if timeout is None else timeout
        began = time.monotonic()
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if timeout is not None and time.monotonic() >= began + timeout:
                self.close()
            raise

    @contextmanager
    def with_timeout(self, seconds: float | None) -> Iterator[None]:
        """Another response timeout within the block; None waits as long as it takes."""
        before, self.response_timeout = self.response_timeout, seconds
        try:
            yield
        finally:
            self.response_timeout = before


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
        with self.connection.with_timeout(CHECK_TIMEOUT):
            return super().is_usable()

    def commit(self) -> None:
        try:
            super().commit()
        except OperationalError as error:
            if self.connection is None or self.connection.closed:
                raise CommitLost from error.__cause__
            raise
