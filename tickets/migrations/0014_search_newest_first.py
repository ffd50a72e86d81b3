import django.db.models.expressions
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently, BtreeGinExtension, RemoveIndexConcurrently
from django.db import migrations, models

# The tickets with all words of a query in the newest blocks of 16,384 numbers: in as many as have more than `enough`
# of them, at most 16. And the first id of these blocks; no row if there are no others, or if the numbers have so many
# gaps that blocks are nearly empty. The block, a key of the index, keeps it from reading the rest.
NEWEST_SQL = r"""
CREATE OR REPLACE FUNCTION search_newest(query text, enough int) RETURNS TABLE (first_id bigint, tickets bigint[])
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    newest bigint := (SELECT max(ticket_id) >> 14 FROM tickets_ticketsearch);
    older bigint := newest - (SELECT min(ticket_id) >> 14 FROM tickets_ticketsearch);
BEGIN
    IF older BETWEEN 2 AND 2000 THEN
        FOR n IN 0..least(16, older) - 1 LOOP
            first_id := (newest - n) << 14;
            tickets := tickets || ARRAY(
                SELECT ticket_id FROM tickets_ticketsearch
                WHERE vector @@ query::tsquery AND (ticket_id >> 14) = newest - n
            );
            EXIT WHEN cardinality(tickets) > enough;
        END LOOP;
        RETURN NEXT;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    atomic = False  # so that tickets can be written while the index is built

    dependencies = [("tickets", "0013_followers")]

    operations = [
        BtreeGinExtension(),
        AddIndexConcurrently(
            "ticketsearch",
            GinIndex(
                models.F("vector"),
                django.db.models.expressions.CombinedExpression(
                    models.F("ticket"), ">>", models.Value(14)
                ),
                name="search_by_word_and_block",
                gin_pending_list_limit=512,
            ),
        ),
        RemoveIndexConcurrently("ticketsearch", "search_by_word"),
        # What the planner knows of an index on an expression it learns when the table is analysed.
        migrations.RunSQL("ANALYZE tickets_ticketsearch", migrations.RunSQL.noop),
        migrations.RunSQL(NEWEST_SQL, "DROP FUNCTION search_newest(text, int)"),
    ]
