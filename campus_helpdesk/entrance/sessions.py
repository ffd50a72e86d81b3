"""Sessions in the database, as Django keeps them."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError


class SessionStore(db.SessionStore):
    """A cookie that is no key of ours names no session: the database is not asked for it."""

    def _validate_session_key(self, key: str) -> bool:
        return super()._validate_session_key(key) and key.isascii() and key.isalnum()

    def save(self, must_create: bool = False) -> None:
        """Django's own takes a database that refuses to write for a session that was deleted meanwhile."""
        try:
            super().save(must_create)
        except UpdateError as error:
            refused = error.__context__
            if refused is not None and refused.__cause__ is not None:  # the server spoke, not Django
                raise refused from refused.__cause__
            raise
