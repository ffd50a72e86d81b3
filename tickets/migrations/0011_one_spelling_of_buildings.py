"""A building that was written in several ways is one: the way that most tickets have stays.

Each ticket that changes is told as a repair, with a version and a moment of its own, like every other.
"""

from django.db import migrations

SIGN = """
SELECT set_config('campus.repair', 'on', true), set_config('campus.verb', 'repaired', true),
    set_config('campus.role', '', true), set_config('campus.name', '', true),
    set_config('campus.session', '', true), set_config('campus.reason', 'One spelling for each place', true)
"""
# Some letters are composed of two: a name may become longer than its column is.
UNIFY = """
WITH place AS (
    SELECT id,
        rtrim(left(regexp_replace(
            btrim(normalize(building, NFC)) COLLATE "pg_c_utf8", '[[:space:]]+', ' ', 'g'
        ), 100)) AS building,
        rtrim(left(regexp_replace(
            btrim(normalize(room, NFC)) COLLATE "pg_c_utf8", '[[:space:]]+', ' ', 'g'
        ), 100)) AS room
    FROM tickets_ticket WHERE building <> '' OR room <> ''
), spelling AS (
    SELECT DISTINCT ON (lower(building)) lower(building) AS folded, building
    FROM (SELECT building, count(*) AS tickets FROM place GROUP BY 1) AS spelled
    ORDER BY 1, tickets DESC, building
)
UPDATE tickets_ticket AS ticket
SET building = spelling.building, room = place.room, version = version + 1,
    modified_at = greatest(statement_timestamp(), modified_at + interval '1 microsecond')
FROM place JOIN spelling ON spelling.folded = lower(place.building)
WHERE place.id = ticket.id AND (ticket.building, ticket.room) <> (spelling.building, place.room)
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_search_table"), ("messaging", "0003_search_triggers")]
    operations = [
        migrations.RunSQL(SIGN, migrations.RunSQL.noop),
        migrations.RunSQL(UNIFY, migrations.RunSQL.noop),
    ]
