"""The writer of imported messages, inside the transaction of the import.

It reads the temporary tables `staged_message` and `fresh_ticket` (see tickets/bulk_import.py).
"""

from django.db.backends.utils import CursorWrapper

INSERT_MESSAGES = """
INSERT INTO messaging_message (
    ticket_id, author_role, author_name, body, is_internal, author_session, key, sent_at
)
SELECT ticket_id, author_role, author_name, body, is_internal, '', '', sent_at
FROM staged_message JOIN fresh_ticket ON fresh_ticket.id = ticket_id
ORDER BY line
"""


def insert_messages(cursor: CursorWrapper) -> int:
    """The number of messages under the new tickets."""
    cursor.execute(INSERT_MESSAGES)
    return cursor.rowcount
