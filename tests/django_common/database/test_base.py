import time

import pytest
from django.core.management import call_command
from django.db import DataError, OperationalError, connection
from django.db.models.signals import pre_migrate

from django_common.database import unlimited_session, unlimited_transaction

pytestmark = pytest.mark.django_db(transaction=True)


def query(statement: str):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def test_response_timeout_closes_the_connection_and_the_next_one_works():
    assert query("SELECT 1") == 1
    began = time.monotonic()
    with connection.connection.with_timeout(0.3), pytest.raises(OperationalError):
        query("SELECT pg_sleep(14)")
    assert time.monotonic() - began < 10
    assert connection.connection.closed
    connection.close()
    assert query("SELECT 1") == 1


def test_database_cancels_the_query_of_a_client_that_has_gone():
    assert query("SHOW client_connection_check_interval") == "1s"
    with connection.connection.with_timeout(0.3), pytest.raises(OperationalError):
        query("SELECT pg_sleep(14)")
    connection.close()
    began = time.monotonic()
    while query("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(14)'"):
        assert time.monotonic() - began < 10
        time.sleep(0.1)


def test_statement_timeout_leaves_the_connection_open():
    query("SELECT 1")
    with pytest.raises(OperationalError):
        query("SET statement_timeout = 100; SELECT pg_sleep(14)")
    assert not connection.connection.closed
    connection.close()


def test_response_timeout_is_longer_than_statement_timeout():
    query("SELECT 1")
    limit = int(query("SELECT setting FROM pg_settings WHERE name = 'statement_timeout'"))
    assert 1000 * connection.connection.response_timeout > limit > 0


def test_unlimited_transaction_has_no_limits_until_it_ends():
    with unlimited_transaction():
        assert query("SHOW statement_timeout") == "0"
        assert connection.connection.response_timeout is None
    assert query("SHOW statement_timeout") == "15s"
    assert connection.connection.response_timeout


def test_migrations_run_without_limits():
    limits, timeouts = [], []

    def record_limits(**kwargs) -> None:
        limits.append(query("SHOW statement_timeout"))
        timeouts.append(connection.connection.response_timeout)

    pre_migrate.connect(record_limits)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(record_limits)
    assert (set(limits), set(timeouts)) == ({"0"}, {None})
    assert query("SHOW statement_timeout") == "15s"
    assert connection.connection.response_timeout


def test_failed_unlimited_session_restores_the_limits():
    with pytest.raises(DataError), unlimited_session():
        query("SELECT 1 / 0")
    assert query("SHOW statement_timeout") == "15s"
    assert query("SHOW idle_in_transaction_session_timeout") == "30s"


def test_unlimited_session_raises_the_loss_of_its_connection():
    with pytest.raises(OperationalError, match="terminating connection"), unlimited_session():
        query("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()


def test_every_connection_has_the_configured_limits():
    limits = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone")
    assert [query(f"SHOW {name}") for name in limits] == ["3s", "15s", "30s", "UTC"]
    known = connection.settings_dict
    assert (known["CONN_MAX_AGE"], known["CONN_HEALTH_CHECKS"]) == (60, True)
    assert known["OPTIONS"]["connect_timeout"] == 3
    assert query("SHOW transaction_isolation") == "read committed"
