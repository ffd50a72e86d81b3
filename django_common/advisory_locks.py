"""PostgreSQL advisory locks: what only one process may do at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection

WAIT_SECONDS = 0.1


class AdvisoryLock(IntEnum):
    """All locks in one place, so that no two share a number."""

    ANALYSIS_QUEUE = 7_202_001
    PINS = 7_202_002
    SCHEDULES = 7_202_003
    MODEL_ACTIVATION = 7_203_001
    RETRAINING = 7_203_002
    SECOND_OPINIONS = 7_203_003
    IMPORT = 7_204_001
    RETENTION = 7_204_002
    PHOTO_PREPARATION = 7_205_001
    PHOTO_FILES = 7_205_002
    INCOMING_MAIL = 7_206_001
    INBOX = 7_206_002
    OUTBOX = 7_206_003


def take_lock(lock: AdvisoryLock) -> None:
    """Waits for the lock, which is held until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])


def try_lock(lock: AdvisoryLock) -> bool:
    """Whether the lock was free. It is held until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return cursor.fetchone() == (True,)


@contextmanager
def session_lock(lock: AdvisoryLock) -> Iterator[bool]:
    """Whether the lock was free. It is held during the block, without an open transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        is_taken = cursor.fetchone() == (True,)
        try:
            yield is_taken
        finally:
            if is_taken:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


@contextmanager
def wait_for_session_lock(lock: AdvisoryLock) -> Iterator[None]:
    """The same, but waits until it is free: longer than a statement may."""
    while True:
        with session_lock(lock) as is_ours:
            if is_ours:
                yield
                return
        time.sleep(WAIT_SECONDS)
