"""Integrity rules that a query can check: (number, name, query for the ids that violate it)."""

from messaging.redaction import BLANK
from tickets.categories import Category
from tickets.lifecycle import LEGAL_MOVES, Status


def quoted(values: list[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


STATUSES, CATEGORIES = quoted(Status.values), quoted(Category.values)
MOVES = quoted([f"{before} {after}" for before, after in LEGAL_MOVES.items()])

# Each history row beside the one before it.
HISTORY_STEPS = """
SELECT pgh_obj_id AS id, verb, by_role, status, version, activated_at, closed_at, pgh_created_at AS at,
    lag(status) OVER history AS old_status, lag(version) OVER history AS old_version,
    lag(activated_at) OVER history AS old_activated_at, lag(closed_at) OVER history AS old_closed_at,
    lag(pgh_created_at) OVER history AS old_at
FROM tickets_ticketevent WINDOW history AS (PARTITION BY pgh_obj_id ORDER BY pgh_id)
"""

# A repair may make any move; raw SQL is recorded as a repair by `database`.
ILLEGAL_MOVE = f"""
SELECT id FROM ({HISTORY_STEPS}) step
WHERE (old_status IS NULL AND status <> 'open')
   OR (old_status <> status AND verb <> 'repaired'
       AND (old_status || ' ' || status NOT IN ({MOVES})
            OR by_role NOT IN ('helpdesk', 'import', 'database')))
"""

# Merging changes the duplicate, which it closes. The kept ticket only gets a row, and so do those that were
# merged into the duplicate before.
VERSION_JUMPS = f"""
SELECT id FROM ({HISTORY_STEPS}) step
WHERE (old_version IS NULL AND version <> 1)
   OR version - old_version <> CASE
      WHEN verb IN ('messaged', 'noted', 'redacted', 'removed', 'note_removed', 'unmerged') THEN 0
      WHEN verb = 'merged' AND status = old_status THEN 0 ELSE 1 END
"""

# Once set, they never change.
MOMENT_REWRITTEN = f"""
SELECT id FROM ({HISTORY_STEPS}) step
WHERE verb <> 'repaired' AND (old_activated_at <> coalesce(activated_at, 'infinity')
    OR old_closed_at <> coalesce(closed_at, 'infinity'))
"""

HISTORY_GOES_BACK = f"SELECT id FROM ({HISTORY_STEPS}) step WHERE at < old_at"

NOT_OPENED_ONCE = """
SELECT ticket.id FROM tickets_ticket ticket
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE pgh_label = 'opened' OR (pgh_label = 'imported' AND version = 1)) AS begun,
        min(pgh_id) AS first
    FROM tickets_ticketevent WHERE pgh_obj_id = ticket.id
) recorded ON true
LEFT JOIN tickets_ticketevent event ON event.pgh_id = recorded.first
WHERE recorded.begun <> 1 OR event.pgh_label NOT IN ('opened', 'imported')
   OR event.pgh_created_at NOT BETWEEN ticket.opened_at AND ticket.opened_at + interval '1 minute'
UNION ALL
SELECT DISTINCT pgh_obj_id FROM tickets_ticketevent event
WHERE NOT EXISTS (SELECT FROM tickets_ticket WHERE id = event.pgh_obj_id)
"""

# A building or room that got another name after the last row has the name of its row in places.
HISTORY_DIFFERS = """
SELECT ticket.id FROM tickets_ticket ticket
CROSS JOIN LATERAL (
    SELECT * FROM tickets_ticketevent WHERE pgh_obj_id = ticket.id ORDER BY pgh_id DESC LIMIT 1
) event
WHERE (ticket.description, ticket.category, ticket.status, ticket.version,
       ticket.activated_at, ticket.closed_at)
    IS DISTINCT FROM (event.description, event.category, event.status, event.version,
       event.activated_at, event.closed_at)
   OR ((ticket.building, ticket.room) <> (event.building, event.room) AND NOT EXISTS (
       SELECT FROM places_place place LEFT JOIN places_place room ON room.building_id = place.id
       WHERE place.building_id IS NULL AND place.name = ticket.building
         AND ticket.room IN (event.room, room.name)
   ))
"""

CLOSED_AND_CHANGED = """
SELECT id FROM tickets_ticket ticket
WHERE closed_at <> modified_at AND NOT EXISTS (
    SELECT FROM tickets_ticketevent WHERE pgh_obj_id = ticket.id AND verb IN ('repaired', 'imported')
)
"""

FIRST_ANSWER = """
SELECT ticket.id FROM tickets_ticket ticket
LEFT JOIN (
    SELECT ticket_id, min(sent_at) AS first, max(sent_at) AS last FROM messaging_message
    WHERE author_role = 'helpdesk' AND NOT is_internal GROUP BY ticket_id
) answer ON answer.ticket_id = ticket.id
WHERE ticket.first_answered_at IS DISTINCT FROM answer.first
"""

MESSAGE_OUT_OF_TIME = """
SELECT message.id FROM messaging_message message JOIN tickets_ticket ticket ON ticket.id = message.ticket_id
WHERE sent_at < opened_at OR sent_at > closed_at OR (NOT is_internal AND sent_at > modified_at)
"""

# Imported messages have no history rows; later messages have.
MESSAGE_HISTORY_DIFFERS = """
SELECT id FROM (
    SELECT ticket_id AS id, count(*) FILTER (WHERE NOT is_internal) AS messages,
        count(*) FILTER (WHERE is_internal) AS notes FROM messaging_message GROUP BY ticket_id
) conversation
FULL JOIN (
    SELECT pgh_obj_id AS id, count(*) FILTER (WHERE verb = 'messaged') AS messages,
        count(*) FILTER (WHERE verb = 'noted') AS notes, bool_or(verb = 'imported') AS is_imported
    FROM tickets_ticketevent GROUP BY pgh_obj_id
) recorded USING (id)
WHERE (coalesce(conversation.messages, 0), coalesce(conversation.notes, 0))
      <> (recorded.messages, recorded.notes)
  AND NOT (recorded.is_imported
           AND coalesce(conversation.messages, 0) >= recorded.messages
           AND coalesce(conversation.notes, 0) >= recorded.notes)
   OR recorded.id IS NULL
"""

CORRECTION_MISSING = """
SELECT id FROM (
    SELECT pgh_obj_id AS id, count(*) AS recorded FROM tickets_ticketevent WHERE verb = 'corrected' GROUP BY 1
) history
WHERE recorded > (SELECT count(*) FROM tickets_correction WHERE ticket_id = history.id)
"""

KEY_WITHOUT_ITS_TICKET = """
SELECT key.id FROM tickets_idempotencykey key LEFT JOIN tickets_ticket ticket ON ticket.id = key.ticket_id
WHERE ticket.id IS NULL OR ticket.opener <> key.session OR (key.answer ->> 'id')::bigint <> ticket.id
"""

KEY_TWICE = """
SELECT min(id) FROM tickets_idempotencykey GROUP BY session, key HAVING count(*) > 1
UNION ALL
SELECT min(id) FROM messaging_message WHERE key <> '' GROUP BY ticket_id, author_session, key
HAVING count(*) > 1
"""

ANALYSIS_STATE = """
SELECT id FROM analytics_gateway_analysis
WHERE state NOT IN ('queued', 'running', 'done', 'failed', 'expired', 'cancelled')
   OR (state = 'running') <> (lease_until IS NOT NULL)
   OR (state IN ('queued', 'running')) <> (finished_at IS NULL)
   OR (state = 'done') <> (result IS NOT NULL)
   OR (state = 'failed' AND reason = '')
"""

ANALYSIS_ATTEMPTS = """
SELECT id FROM analytics_gateway_analysis
WHERE attempts NOT BETWEEN 0 AND 3 OR (attempts = 0) <> (started_at IS NULL)
   OR (attempts = 0 AND state IN ('running', 'done', 'failed'))
"""

ANALYSIS_CHARTS = """
SELECT id FROM analytics_gateway_analysis LEFT JOIN analytics_gateway_analysischart ON analysis_id = id
WHERE (state = 'done') <> (analysis_id IS NOT NULL)
"""

# The reports of a schedule have its parameters and its role.
REPORT_DIFFERS_FROM_SCHEDULE = """
SELECT run.id FROM analytics_gateway_reportrun run
JOIN analytics_gateway_reportschedule schedule ON schedule.id = run.schedule_id
LEFT JOIN analytics_gateway_analysis analysis ON analysis.id = run.analysis_id
WHERE (analysis.service, analysis.params, analysis.asked_by_role)
    IS DISTINCT FROM (schedule.service, schedule.params, schedule.asked_by_role)
"""

# The stored counts match the tickets.
COUNTS_DIFFER = """
SELECT concat_ws(' ', status, category, needs_review) FROM (
    SELECT status, category, needs_review, count(*) AS found FROM tickets_ticket GROUP BY 1, 2, 3
) ticket
FULL JOIN (
    SELECT status, category, needs_review, sum(change) AS recorded FROM tickets_ticketcount GROUP BY 1, 2, 3
) counted USING (status, category, needs_review)
WHERE coalesce(found, 0) <> coalesce(recorded, 0)
"""

NOT_IN_SEARCH = """
SELECT ticket.id FROM tickets_ticket ticket
LEFT JOIN tickets_ticketsearch search ON search.ticket_id = ticket.id
WHERE NOT coalesce(search.vector @@ ('''!' || ticket.status || '''')::tsquery, false)
"""

# The followers of a redacted ticket are deleted, and stay counted.
ME_TOO_DIFFERS = """
SELECT ticket.id FROM tickets_ticket ticket
LEFT JOIN (
    SELECT ticket_id, count(*) AS found FROM tickets_follower WHERE reason = 'me_too' GROUP BY ticket_id
) joined ON joined.ticket_id = ticket.id
WHERE me_too < coalesce(found, 0) OR (me_too > coalesce(found, 0) AND NOT EXISTS (
    SELECT FROM tickets_ticketevent WHERE pgh_obj_id = ticket.id AND verb = 'redacted'
))
"""

MERGED_WRONGLY = """
SELECT merged.id FROM tickets_ticket merged LEFT JOIN tickets_ticket kept ON kept.id = merged.merged_into_id
WHERE merged.merged_into_id IS NOT NULL
  AND (merged.status <> 'closed' OR kept.id IS NULL OR kept.id = merged.id OR kept.merged_into_id IS NOT NULL)
"""

MODEL_DAMAGED = "SELECT id FROM tickets_triagemodel WHERE encode(sha256(raw), 'hex') <> sha256"

# A redacted ticket has no vector, from which one could tell what it was about.
EMBEDDING_DAMAGED = """
SELECT ticket_id FROM tickets_ticketembedding
WHERE octet_length(vector) <> 768 OR sentence_model = ''
   OR (decided_by = 'precedent') <> (precedent_id IS NOT NULL)
   OR EXISTS (SELECT FROM tickets_ticketevent WHERE pgh_obj_id = ticket_id AND verb = 'redacted')
"""

# A photo of a message is under the same ticket; a redacted ticket has none.
PHOTO_MISPLACED = """
SELECT photo.id FROM attachments_attachment photo
LEFT JOIN messaging_message message ON message.id = message_id
WHERE message_id IS NOT NULL AND message.ticket_id IS DISTINCT FROM photo.ticket_id
   OR state <> 'removed' AND EXISTS (
        SELECT FROM tickets_ticketevent event WHERE pgh_obj_id = photo.ticket_id AND verb = 'redacted'
        AND pgh_created_at > coalesce(message.sent_at, uploaded_at))
   OR state = 'ready' AND (large_sha256 = '' OR small_sha256 = '')
   OR state = 'removed' AND sha256 || large_sha256 || small_sha256 <> ''
"""

TEXTS_NOT_REMOVED = f"""
SELECT id FROM tickets_ticket ticket WHERE texts_removed_after IS NOT NULL AND (
    status <> 'closed' OR description <> '{BLANK}' OR room || opener || opener_name <> ''
    OR EXISTS (SELECT FROM tickets_follower WHERE ticket_id = ticket.id)
    OR EXISTS (SELECT FROM tickets_secretlink WHERE ticket_id = ticket.id)
    OR EXISTS (SELECT FROM messaging_message WHERE ticket_id = ticket.id
               AND (body <> '{BLANK}' OR author_name || author_session || key <> ''))
)
"""

SQL_CHECKS = [
    (1, "status is one of three", f"SELECT id FROM tickets_ticket WHERE status NOT IN ({STATUSES})"),
    (1, "moves are legal, by the helpdesk, one at a time", ILLEGAL_MOVE),
    (
        2,
        "closed if and only if closed_at",
        "SELECT id FROM tickets_ticket WHERE (status = 'closed') <> (closed_at IS NOT NULL)"
        " OR (status = 'open') <> (activated_at IS NULL)",
    ),
    (2, "activated_at and closed_at are set once", MOMENT_REWRITTEN),
    (
        3,
        "opened, activated, closed, modified in order",
        "SELECT id FROM tickets_ticket WHERE opened_at > least(modified_at, activated_at, first_answered_at)"
        " OR closed_at < activated_at OR modified_at < greatest(closed_at, activated_at, first_answered_at)",
    ),
    (3, "closed tickets are changed by repair only", CLOSED_AND_CHANGED),
    (4, "history timestamps never decrease", HISTORY_GOES_BACK),
    (5, "version grows by one", VERSION_JUMPS),
    (6, "category is one of three", f"SELECT id FROM tickets_ticket WHERE category NOT IN ({CATEGORIES})"),
    (6, "every correction has a row", CORRECTION_MISSING),
    (8, "messages lie between opening and closing", MESSAGE_OUT_OF_TIME),
    (8, "messages match the history", MESSAGE_HISTORY_DIFFERS),
    (8, "first_answered_at is the helpdesk's first message", FIRST_ANSWER),
    (9, "the last history row matches the ticket", HISTORY_DIFFERS),
    (10, "a ticket is opened exactly once, at opened_at", NOT_OPENED_ONCE),
    (10, "a key has its ticket", KEY_WITHOUT_ITS_TICKET),
    (10, "a key is used once", KEY_TWICE),
    (11, "stored counts match the tickets", COUNTS_DIFFER),
    (11, "who has a problem, too, is counted", ME_TOO_DIFFERS),
    (12, "a merged ticket is closed, the kept one not merged", MERGED_WRONGLY),
    (11, "a search finds each ticket in its status", NOT_IN_SEARCH),
    (13, "analyses are in a known, complete state", ANALYSIS_STATE),
    (13, "attempts are counted, three at most", ANALYSIS_ATTEMPTS),
    (13, "charts exist if and only if done", ANALYSIS_CHARTS),
    (13, "triage models match their checksums", MODEL_DAMAGED),
    (13, "embeddings are whole, none of a redacted text", EMBEDDING_DAMAGED),
    (13, "photos are where they were sent", PHOTO_MISPLACED),
    (13, "texts that were removed by age are gone", TEXTS_NOT_REMOVED),
    (14, "reports match their schedule", REPORT_DIFFERS_FROM_SCHEDULE),
]
