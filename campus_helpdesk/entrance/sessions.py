"""Sessions in the database, as Django stores them."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError


class SessionStore(db.SessionStore):
    """A cookie that cannot be a session key is ignored without querying the database."""

    def _validate_session_key(self, key: str) -> bool:
        is_valid: bool = super()._validate_session_key(key)  # type: ignore[misc]  # the stubs lack it
        return is_valid and key.isascii() and key.isalnum()

    def save(self, must_create: bool = False) -> None:
        """Django's own takes a database that refuses to write for a session that was deleted in the
        meantime."""
        try:
            super().save(must_create)
        except UpdateError as error:
            refused = error.__context__
            # With a cause, the error came from the server, not from Django.
            if refused is not None and refused.__cause__ is not None:
                raise refused from refused.__cause__
            raise
