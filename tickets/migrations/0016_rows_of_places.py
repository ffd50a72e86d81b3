"""Buildings and rooms that tickets name become rows, in the spelling of the tickets that users see, else of most."""

from django.db import migrations

from places.unlisted import WrittenLocation, add_locations

WRITTEN = """
SELECT building, room, count(*) FILTER (WHERE status <> 'closed'), count(*)
FROM tickets_ticket WHERE building <> '' GROUP BY 1, 2
"""
SEEN = 10**9  # one ticket that users see weighs more than all the others


def add_rows(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        written = [
            WrittenLocation(building, room, seen * SEEN + tickets)
            for building, room, seen, tickets in cursor.fetchall()
        ]
    add_locations(written, apps.get_model('places', 'Place'), apps.get_model('places', 'Spelling'))


class Migration(migrations.Migration):
    dependencies = [('tickets', '0015_places'), ('places', '0001_places')]
    operations = [migrations.RunPython(add_rows, migrations.RunPython.noop)]
