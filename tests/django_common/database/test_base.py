import time

import pytest
from django.core.management import call_command
from django.db import DataError, OperationalError, connection
from django.db.models.signals import pre_migrate

from django_common.database import unlimited_session, unlimited_transaction

pytestmark = pytest.mark.django_db(transaction=True)


def ask(statement: str):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_answer_that_does_not_come_ends_the_connection_and_the_next_one_works():
    assert ask("SELECT 1") == 1
    began = time.monotonic()
    with connection.connection.waiting(0.3), pytest.raises(OperationalError):
        ask("SELECT pg_sleep(14)")
    assert time.monotonic() - began < 10
    assert connection.connection.closed
    connection.close()
    assert ask("SELECT 1") == 1


def test_the_database_does_not_work_for_who_is_gone():
    assert ask("SHOW client_connection_check_interval") == "1s"
    with connection.connection.waiting(0.3), pytest.raises(OperationalError):
        ask("SELECT pg_sleep(14)")
    connection.close()
    began = time.monotonic()
    while ask("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(14)'"):
        assert time.monotonic() - began < 10
        time.sleep(0.1)


def test_refusal_of_the_server_leaves_the_connection_open():
    ask("SELECT 1")
    with pytest.raises(OperationalError):
        ask("SET statement_timeout = 100; SELECT pg_sleep(14)")
    assert not connection.connection.closed
    connection.close()


def test_patience_is_longer_than_the_servers_own_limit():
    ask("SELECT 1")
    limit = int(ask("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"))
    assert 1000 * connection.connection.patience > limit > 0


def test_unlimited_transaction_has_no_limit_and_ends_with_its_block():
    with unlimited_transaction():
        assert ask("SHOW statement_timeout") == "0"
        assert connection.connection.patience is None
    assert ask("SHOW statement_timeout") == "15s"
    assert connection.connection.patience


def test_migration_takes_as_long_as_the_tables_are_large():
    limits, patience = [], []

    def note(**about) -> None:
        limits.append(ask("SHOW statement_timeout"))
        patience.append(connection.connection.patience)

    pre_migrate.connect(note)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(note)
    assert (set(limits), set(patience)) == ({"0"}, {None})
    assert ask("SHOW statement_timeout") == "15s"
    assert connection.connection.patience


def test_unlimited_session_that_fails_has_its_limits_again():
    with pytest.raises(DataError), unlimited_session():
        ask("SELECT 1 / 0")
    assert ask("SHOW statement_timeout") == "15s"
    assert ask("SHOW idle_in_transaction_session_timeout") == "30s"


def test_unlimited_session_whose_connection_is_lost_tells_so():
    with pytest.raises(OperationalError, match="terminating connection"), unlimited_session():
        ask("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()


def test_limits_of_every_connection_are_those_of_the_plan():
    limits = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone")
    assert [ask(f"SHOW {name}") for name in limits] == ["3s", "15s", "30s", "UTC"]
    known = connection.settings_dict
    assert (known["CONN_MAX_AGE"], known["CONN_HEALTH_CHECKS"]) == (60, True)
    assert known["OPTIONS"]["connect_timeout"] == 3
    assert ask("SHOW transaction_isolation") == "read committed"
