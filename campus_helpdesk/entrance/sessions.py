"""Sessions in the database, as Django stores them."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError


class SessionStore(db.SessionStore):
    """A cookie that is not one of our keys names no session, and the database is not queried."""

    def _validate_session_key(self, key: str) -> bool:
        is_valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # the stubs lack it
        return is_valid and key.isascii() and key.isalnum()

    def save(self, must_create: bool = False) -> None:
        """Django's own would mistake a database that refuses to write for a session that was deleted
        meanwhile."""
        try:
            super().save(must_create)
        except UpdateError as error:
            refused = error.__context__
            if (
                refused is not None and refused.__cause__ is not None
            ):  # the error came from the server, not from Django
                raise refused from refused.__cause__
            raise
