"""Nobody else gets the ids of an import while it runs.

Reading a large file takes minutes, and people report tickets meanwhile. Their ids come from a sequence: it is
set to the file's largest id before the first row is read. Moving it back is safe only while no ticket can
draw an id, hence the lock.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.utils import Error

from campus_helpdesk.imports.import_errors import ImportRefused
from django_common.advisory_locks import AdvisoryLock, try_lock

READ_SEQUENCE = "SELECT last_value, is_called FROM tickets_ticket_id_seq"
SET_SEQUENCE = "SELECT setval('tickets_ticket_id_seq', %s, %s)"
WAIT_BRIEFLY = "SET LOCAL lock_timeout = '2s'"
STOP_REPORTS = "LOCK TABLE tickets_ticket IN SHARE MODE"


@contextmanager
def reserve_ids(cursor, greatest: int, report: Callable[[str], None]) -> Iterator[None]:
    """In a transaction: whoever reports a ticket from now on gets an id above `greatest`.

    If the import fails, for whatever reason, and nobody has reported one meanwhile, the ids are given back;
    otherwise a message says so. Raises ImportRefused if another import is running.
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
    except BaseException:  # Ctrl-C, too
        if is_behind and not give_back(cursor, greatest, last, is_called):
            report(f"the ids up to {greatest} stay reserved for another attempt; new tickets get higher ones")
        raise


def give_back(cursor, greatest: int, last: int, is_called: bool) -> bool:
    """Whether the sequence was reset. Not if somebody is reporting or has reported, nor if the connection is
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
