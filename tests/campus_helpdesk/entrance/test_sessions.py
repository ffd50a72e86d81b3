import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import InternalError, connection, transaction

from campus_helpdesk.entrance.sessions import SessionStore

pytestmark = pytest.mark.django_db


def make_session() -> SessionStore:
    session = SessionStore()
    session["name"] = "Ursula"
    session.save()
    return session


def test_save_raises_the_error_of_the_database():
    session = make_session()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only = on")
        with pytest.raises(InternalError, match="read-only"):
            session.save()
        transaction.set_rollback(True)


def test_save_raises_if_the_session_was_deleted():
    session = make_session()
    SessionStore().delete(session.session_key)
    with pytest.raises(UpdateError):
        session.save()
