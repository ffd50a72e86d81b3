"""Reserves the ids of an import while it runs.

Reading a large file takes minutes, and people report tickets in the meantime. Their ids come from a sequence:
it is set to the file's largest id before the first row is read. Resetting it is safe only while no ticket can
take an id, hence the lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.utils import CursorWrapper
from django.db.utils import Error

from campus_helpdesk.imports.import_errors import ImportRefused
from django_common.advisory_locks import AdvisoryLock, try_lock

READ_SEQUENCE = "SELECT last_value, is_called FROM tickets_ticket_id_seq"
SET_SEQUENCE = "SELECT setval('tickets_ticket_id_seq', %s, %s)"
WAIT_BRIEFLY = "SET LOCAL lock_timeout = '2s'"
STOP_REPORTS = "LOCK TABLE tickets_ticket IN SHARE MODE"


@contextmanager
def reserve_ids(cursor: CursorWrapper, greatest: int, report: Callable[[str], None]) -> Iterator[None]:
    """In a transaction: tickets that are reported from now on get ids above `greatest`.

    If the import fails, for whatever reason, and no ticket has been reported since, the ids are released;
    otherwise a message reports it. Raises ImportRefused if another import is running.
    """
    if not try_lock(AdvisoryLock.IMPORT):
        raise ImportRefused("another import is running")
    cursor.execute(READ_SEQUENCE)
    last, is_called = cursor.fetchone()
    is_behind = greatest > last or (greatest == last and not is_called)
    if is_behind:  # never backwards
        cursor.execute(SET_SEQUENCE, [greatest, True])
    try:
        with transaction.atomic():
            yield
    except BaseException:  # including Ctrl-C
        if is_behind and not release_ids(cursor, greatest, last, is_called):
            report(f"the ids up to {greatest} stay reserved for another attempt; new tickets get higher ones")
        raise


def release_ids(cursor: CursorWrapper, greatest: int, last: int, is_called: bool) -> bool:
    """Whether the sequence was reset. Not if a ticket is being reported or has been, nor if the connection is
    lost."""
    try:
        with transaction.atomic():
            cursor.execute(WAIT_BRIEFLY)
            cursor.execute(STOP_REPORTS)
            cursor.execute(READ_SEQUENCE)
            if cursor.fetchone() != (greatest, True):
                return False
            cursor.execute(SET_SEQUENCE, [last, is_called])
    except Error:
        return False
    return True
