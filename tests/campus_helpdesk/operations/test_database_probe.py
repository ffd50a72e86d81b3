import threading
import time

import pytest
from django.db import connection

from campus_helpdesk.operations.database_probe import query_within_deadline, read_state

pytestmark = pytest.mark.django_db(transaction=True)


def run(statement: str):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_healthy_database_responds():
    assert query_within_deadline(read_state) == (True, True)
    assert query_within_deadline(lambda: run("SELECT 7")) == 7


def test_check_uses_its_own_connection():
    assert query_within_deadline(lambda: run("SELECT pg_backend_pid()")) != run("SELECT pg_backend_pid()")


def test_slow_check_times_out_and_leaves_no_thread():
    before, began = threading.active_count(), time.monotonic()
    assert query_within_deadline(lambda: run("SELECT pg_sleep(10)")) is None
    assert time.monotonic() - began < 2
    while threading.active_count() > before and time.monotonic() - began < 8:
        time.sleep(0.05)
    assert threading.active_count() <= before


def test_read_only_database_is_reported():
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            assert query_within_deadline(read_state) == (False, True)
        finally:
            cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


def test_error_of_the_database_is_logged(caplog):
    assert query_within_deadline(lambda: run("SELECT nonsense")) is None
    assert [record.message for record in caplog.records] == ["the database refused the check"]
