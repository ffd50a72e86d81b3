"""The writer of imported tickets: a few statements over all rows, inside the transaction of the import.

It reads the temporary tables of the import: `staged_ticket`, `staged_conversation` (of each ticket the first
answer and the last message), and `fresh_ticket`, which takes the ids of those that are new.
"""

from collections import Counter, defaultdict

from django.db.backends.utils import CursorWrapper

from places.spelling import spelling_key
from places.unlisted import WrittenLocation, add_locations
from tickets.locations import read_names
from tickets.search_index import index_tickets

# activated_at: the helpdesk's first answer; without one the closing, or the last change.
# A move raises the version, as it would have done here.
INSERT_TICKETS = """
WITH moments AS (
    SELECT ticket.*, conversation.first_answered_at,
        greatest(opened_at, modified_at, closed_at, conversation.last_message_at) AS changed_at,
        CASE status WHEN 'closed' THEN 3 WHEN 'active' THEN 2 ELSE 1 END AS version
    FROM staged_ticket ticket LEFT JOIN staged_conversation conversation ON conversation.ticket_id = ticket.id
), inserted AS (
    INSERT INTO tickets_ticket (
        id, description, building, room, status, version, category, category_source, needs_review,
        triage_confidence, triage_runner_up, triage_evidence, triage_model, triage_is_mixed,
        opened_at, modified_at, activated_at, first_answered_at, closed_at, opener, opener_name, changed_xid
    )
    SELECT id, description, building, room, status, version, category, source, needs_review,
        confidence, runner_up, evidence, model, is_mixed,
        opened_at, changed_at,
        CASE WHEN version > 1 THEN coalesce(first_answered_at, closed_at, changed_at) END,
        first_answered_at, closed_at, '', opener_name, 0
    FROM moments ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
INSERT INTO fresh_ticket SELECT id FROM inserted
"""

# Every move at its own time, recorded as done by the import.
INSERT_HISTORY = """
INSERT INTO tickets_ticketevent (
    pgh_created_at, pgh_label, pgh_obj_id, description, building, room, category,
    status, activated_at, closed_at, version, verb, by_role, by_name, reason
)
SELECT move.at, 'imported', ticket.id, description, building, room, category, move.status,
    CASE WHEN move.version >= 2 THEN ticket.activated_at END,
    CASE WHEN move.version >= 3 THEN ticket.closed_at END,
    move.version, 'imported', 'import', '', ''
FROM fresh_ticket JOIN tickets_ticket ticket USING (id)
CROSS JOIN LATERAL (
    VALUES ('open', opened_at, 1), ('active', activated_at, 2), ('closed', closed_at, 3)
) move (status, at, version)
WHERE move.at IS NOT NULL
ORDER BY move.at, ticket.id, move.version
"""

# A person's decision about triage's choice, made when the ticket was taken up.
INSERT_CORRECTIONS = """
INSERT INTO tickets_correction (ticket_id, old, new, by_role, by_name, triage_model, at)
SELECT ticket.id, staged.predicted, ticket.category, 'helpdesk', 'import', ticket.triage_model,
    coalesce(ticket.activated_at, ticket.opened_at) AS at
FROM fresh_ticket JOIN staged_ticket staged USING (id) JOIN tickets_ticket ticket USING (id)
WHERE staged.predicted <> ''
ORDER BY at, ticket.id
"""


SPELLED = "SELECT building, count(*) FROM staged_ticket WHERE building <> '' GROUP BY 1"
RESPELL = """
UPDATE staged_ticket SET building = spelled.new FROM unnest(%s::text[], %s::text[]) AS spelled (old, new)
WHERE building = spelled.old
"""
LOCATIONS = """
SELECT building, room, count(*) FROM fresh_ticket JOIN tickets_ticket USING (id)
WHERE building <> '' GROUP BY 1, 2
"""


def unify_buildings(cursor: CursorWrapper) -> None:
    """The staged tickets name buildings as their rows do; new ones as most of them."""
    cursor.execute(SPELLED)
    spelled: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for building, tickets in cursor.fetchall():
        spelled[spelling_key(building)][building] = tickets
    names = {key: max(counts, key=lambda name: (counts[name], name)) for key, counts in spelled.items()}
    names |= {key: name for key, name in read_names().items() if key in names}
    renamed = [(old, names[key]) for key, counts in spelled.items() for old in counts if old != names[key]]
    if renamed:
        cursor.execute(RESPELL, [list(column) for column in zip(*renamed, strict=True)])


def insert_tickets(cursor: CursorWrapper) -> int:
    """The number of new tickets. A ticket whose id already exists is not changed."""
    cursor.execute(INSERT_TICKETS)
    return cursor.rowcount


def insert_history(cursor: CursorWrapper) -> None:
    """The moves and the corrections of the new tickets."""
    cursor.execute(INSERT_HISTORY)
    cursor.execute(INSERT_CORRECTIONS)


def add_places(cursor: CursorWrapper) -> None:
    """Rows for the buildings and rooms of the new tickets."""
    cursor.execute(LOCATIONS)
    add_locations(WrittenLocation(*row) for row in cursor.fetchall())


def index_imported() -> None:
    """Makes the new tickets and their messages searchable."""
    index_tickets("SELECT id FROM fresh_ticket ORDER BY id")
