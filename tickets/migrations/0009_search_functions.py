"""The words of tickets in a table of their own, beside the tickets.

`search_words` is how a text is spelled for the index, and `search_fold` how a typed word is: both sides are
spelled by the same function. Whatever the server's own locale is, letters are told by pg_c_utf8.
"""

from django.db import migrations

# Scripts without blanks between words: Thai, Lao, Burmese, Khmer, Kana, Han.
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

# Lower case without accents, words parted by blanks. A hyphen stays inside a code, a dot between digits.
# with_e: umlauts as two letters. Python escapes nothing here: PostgreSQL reads \u.
FOLD_SQL = r"""
CREATE OR REPLACE FUNCTION search_fold(original text, with_e boolean DEFAULT false) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    folded text := lower(original COLLATE "pg_c_utf8");
BEGIN
    IF octet_length(folded) > length(folded) THEN
        folded := normalize(folded, NFKC);
        IF with_e THEN
            folded := replace(replace(replace(replace(replace(
                folded, 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ø', 'oe'), 'å', 'aa');
        END IF;
        folded := regexp_replace(
            normalize(folded, NFKD),
            '[\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+', '', 'g'
        );
        folded := lower(normalize(folded, NFC) COLLATE "pg_c_utf8");
        folded := replace(replace(replace(replace(folded, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
        folded := translate(folded, 'øłđðħı‘’‛′‐‑‒–−', 'oldddhi''''''''-----');
        folded := regexp_replace(
            folded COLLATE "pg_c_utf8", '(?![-.''])[[:punct:][:space:][:cntrl:]]+', ' ', 'g'
        );
        IF folded ~ '[UNSPACED]' THEN
            folded := regexp_replace(folded, '([UNSPACED]+)', ' \1 ', 'g');
        END IF;
    END IF;
    IF folded ~ '[''_]' THEN
        folded := replace(replace(folded, '''', '-'), '_', '-');
    END IF;
    IF folded ~ '[0-9]\.[0-9]' THEN
        folded := regexp_replace(folded, '([0-9])\.(?=[0-9])', E'\\1\x02', 'g');
        RETURN replace(
            regexp_replace(folded, E'[\x01\x03-\x1f!-,./:-@\\[-`{-\x7f]+', ' ', 'g'), E'\x02', '.'
        );
    END IF;
    RETURN regexp_replace(folded, E'[\x01-\x1f!-,./:-@\\[-`{-\x7f]+', ' ', 'g');
END $$;
""".replace("UNSPACED", UNSPACED)

# The words of a folded text: parts of codes, codes joined (wifi, h204), scripts without blanks in twos.
SPLIT_SQL = r"""
CREATE OR REPLACE FUNCTION search_split(folded text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    codes text := folded;
    words text[];
BEGIN
    IF folded ~ '\m[^ ]{1,3} ?[0-9]' THEN
        codes := regexp_replace(
            codes COLLATE "pg_c_utf8",
            '\m([[:alpha:]]{1,3}) ?([0-9]{1,6})(?![[:alnum:].])', '\1\2 \1 \2', 'g'
        );
    END IF;
    words := string_to_array(replace(codes, '-', ''), ' ');
    IF codes ~ '[^ ][-.][^ ]' THEN
        words := words || string_to_array(replace(replace(codes, '-', ' '), '.', ' '), ' ');
        IF codes ~ '[^ -]-[^ -]+-[^ -]' THEN
            words := words
                || string_to_array(replace(regexp_replace(
                    codes, '(?<![^ ])([^ -]+)-([^ -]+)(?=-)', '\1\2', 'g'
                ), '-', ' '), ' ')
                || string_to_array(replace(regexp_replace(
                    codes, '(?<=-)([^ -]+)-([^ -]+)(?![^ ])', '\1\2', 'g'
                ), '-', ' '), ' ');
        END IF;
    END IF;
    IF octet_length(codes) > length(codes) AND codes ~ '[UNSPACED]' THEN
        words := ARRAY(
            SELECT word FROM unnest(words) AS word WHERE word !~ '^[UNSPACED]'
            UNION ALL
            SELECT spelled
            FROM unnest(words) AS word
            CROSS JOIN LATERAL (
                SELECT letter, letter || lead(letter) OVER (ORDER BY n) AS pair
                FROM string_to_table(word, NULL) WITH ORDINALITY AS letters (letter, n)
            ) AS letters
            CROSS JOIN LATERAL (VALUES (letter), (pair)) AS spellings (spelled)
            WHERE word ~ '^[UNSPACED]' AND spelled IS NOT NULL
        );
    END IF;
    IF length(codes) > 60 AND codes ~ '[^ ]{61}' THEN
        words := ARRAY(SELECT left(word, 60) FROM unnest(words) AS word);
    END IF;
    RETURN array_remove(words, '');
END $$;
""".replace("UNSPACED", UNSPACED)

# A text with umlauts is found in both spellings.
WORDS_SQL = r"""
CREATE OR REPLACE FUNCTION search_words(original text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF octet_length(original) > length(original) AND normalize(original, NFC) ~ '[äöüøåÄÖÜØÅ]' THEN
        RETURN search_split(search_fold(original)) || search_split(search_fold(original, true));
    END IF;
    RETURN search_split(search_fold(original));
END $$;
"""

# Of very many words the first ones, as many as fit: a vector holds a megabyte at most.
FIRST_SQL = r"""
CREATE OR REPLACE FUNCTION search_first(words text[], most_bytes int) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length(array_to_string(words, '')) <= most_bytes THEN words ELSE ARRAY(
        SELECT word FROM (
            SELECT word, sum(octet_length(word)) OVER (ORDER BY min(n)) AS bytes
            FROM unnest(words) WITH ORDINALITY AS listed (word, n) GROUP BY word
        ) AS counted
        WHERE bytes <= most_bytes
    ) END
$$;
"""

# A ticket is searched up to 60,000 characters, its notes up to 30,000: of a long conversation the newest
# messages. What is spelled may be longer and is cut too, so that a letter cannot become hundreds; notes by
# themselves, so that no message depends on them.
MOST_BYTES, MOST_NOTE_BYTES = "250000", "100000"
INDEX_SQL = r"""
CREATE OR REPLACE FUNCTION search_index(ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_ticketsearch (ticket_id, vector)
    SELECT ticket.id, array_to_tsvector(
        search_first(search_words(left(concat_ws(
            E'\n', description, building, room, opener_name, conversation.messages
        ), 60000)), MOST_BYTES)
        || CASE WHEN conversation.notes <> '' THEN ARRAY(
            SELECT '~' || word
            FROM unnest(search_first(search_words(left(conversation.notes, 30000)), MOST_NOTE_BYTES)) AS word
        ) END
        || ('!' || ticket.status)
    )
    FROM tickets_ticket AS ticket
    LEFT JOIN LATERAL (
        SELECT
            string_agg(
                CASE author_role WHEN 'user' THEN author_name || E'\n' || body ELSE body END,
                E'\n' ORDER BY id DESC
            ) FILTER (WHERE NOT is_internal) AS messages,
            string_agg(body, E'\n' ORDER BY id DESC) FILTER (WHERE is_internal) AS notes
        FROM messaging_message WHERE ticket_id = ticket.id
    ) AS conversation ON true
    WHERE ticket.id = ANY(ids)
    ON CONFLICT (ticket_id) DO UPDATE SET vector = EXCLUDED.vector;
    PERFORM search_conceal(ids);
    PERFORM search_learn(ids);
END $$;
""".replace("MOST_NOTE_BYTES", MOST_NOTE_BYTES).replace("MOST_BYTES", MOST_BYTES)

# Cheaper than to spell and learn a long conversation anew, which is done where it is too long.
APPEND_SQL = r"""
CREATE OR REPLACE FUNCTION search_append(
    ticket bigint, author_role text, author_name text, body text, is_internal boolean
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    words text[] := search_first(search_words(
        CASE author_role WHEN 'user' THEN author_name || E'\n' || body ELSE body END
    ), MOST_BYTES);
    added tsvector := array_to_tsvector(CASE WHEN is_internal
        THEN ARRAY(SELECT '~' || word FROM unnest(words) AS word) ELSE words END);
BEGIN
    UPDATE tickets_ticketsearch SET vector = vector || added
    WHERE ticket_id = ticket AND pg_column_size(vector || ''::tsvector) < 400000;
    IF NOT FOUND THEN
        PERFORM search_index(ARRAY[ticket]);
    ELSE
        PERFORM search_learn_words(
            words, CASE WHEN NOT is_internal THEN array_fill(ticket, ARRAY[cardinality(words)]) END
        );
    END IF;
END $$;
""".replace("MOST_BYTES", MOST_BYTES)

# All words that begin with a letter; each is looked up, however many others there are. public_in: the ticket in which users see the word, NULL where in none.
# Of a public word one ticket is enough to know, as long as users see it.
LEARN_WORDS_SQL = r"""
CREATE OR REPLACE FUNCTION search_learn_words(words text[], public_in bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO tickets_searchword (word)
    SELECT DISTINCT fresh.word FROM unnest(words) AS fresh (word)
    WHERE fresh.word COLLATE "pg_c_utf8" ~ '^[[:alpha:]].{2,}$'
        AND (SELECT true FROM tickets_searchword AS known WHERE known.word = fresh.word LIMIT 1) IS NULL;
    INSERT INTO tickets_publicword (word, ticket_id)
    SELECT fresh.word, max(fresh.ticket) FROM unnest(words, public_in) AS fresh (word, ticket)
    WHERE fresh.ticket IS NOT NULL AND fresh.word COLLATE "pg_c_utf8" ~ '^[[:alpha:]].{2,}$'
    GROUP BY fresh.word
    HAVING (
        SELECT true FROM tickets_publicword AS known
        WHERE known.word = fresh.word
            AND (SELECT status FROM tickets_ticket WHERE id = known.ticket_id) <> 'closed' LIMIT 1
    ) IS NULL;
END $$;
"""

LEARN_SQL = r"""
CREATE OR REPLACE FUNCTION search_learn(ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    words text[];
    public_in bigint[];
BEGIN
    SELECT array_agg(word), array_agg(ticket) INTO words, public_in FROM (
        SELECT ltrim(lexeme, '~') AS word,
            max(ticket_id) FILTER (WHERE is_public AND NOT starts_with(lexeme, '~')) AS ticket
        FROM (
            SELECT ticket_id, vector, ts_match_vq(vector, $query$'!open' | '!active'$query$) AS is_public
            FROM tickets_ticketsearch WHERE ticket_id = ANY(ids) OFFSET 0
        ) AS row, unnest(vector)
        GROUP BY 1
    ) AS found;
    PERFORM search_learn_words(words, public_in);
END $$;
"""

# Words that users do not see in these tickets any more: another ticket shows them, or none does. The newest
# are looked through first: a common word is among them, and the index would collect every ticket with it. Of a
# very long text 500 words are looked for, or closing it would take seconds.
CONCEAL_SQL = r"""
CREATE OR REPLACE FUNCTION search_conceal(ids bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    public CONSTANT tsquery := $query$'!open' | '!active'$query$;
    words text[];
    tickets bigint[];
BEGIN
    SELECT array_agg(word), array_agg(ticket_id) INTO words, tickets FROM (
        SELECT word, ticket_id FROM tickets_publicword WHERE ticket_id = ANY(ids)
        EXCEPT
        SELECT lexeme, ticket_id FROM tickets_ticketsearch, unnest(vector)
        WHERE ticket_id IN (SELECT ticket_id FROM tickets_publicword WHERE ticket_id = ANY(ids))
            AND ts_match_vq(vector, public)
    ) AS gone;
    IF words IS NULL THEN
        RETURN;
    END IF;
    WITH newest AS MATERIALIZED (
        SELECT lexeme, max(ticket_id) AS ticket FROM (
            SELECT ticket_id, vector FROM tickets_ticketsearch ORDER BY ticket_id DESC LIMIT 100
        ) AS row, unnest(vector)
        WHERE ts_match_vq(vector, public) GROUP BY lexeme
    ), gone AS MATERIALIZED (
        SELECT word, listed.ticket, coalesce(newest.ticket, CASE WHEN n <= 500 THEN (
            SELECT ticket_id FROM tickets_ticketsearch
            WHERE vector @@ (format($query$'%s'$query$, word)::tsquery && public) LIMIT 1
        ) END) AS other
        FROM unnest(words, tickets) WITH ORDINALITY AS listed (word, ticket, n)
        LEFT JOIN newest ON lexeme = word
    ), moved AS (
        UPDATE tickets_publicword AS known SET ticket_id = other FROM gone
        WHERE known.word = gone.word AND known.ticket_id = gone.ticket AND other IS NOT NULL
    )
    DELETE FROM tickets_publicword AS known USING gone
    WHERE known.word = gone.word AND known.ticket_id = gone.ticket AND other IS NULL;
END $$;
"""

# How common queries are among the newest tickets; of the first `terms`, whether there is any hit at all.
# A sequential scan would read every ticket for a word that is nowhere.
LOOK_SQL = r"""
CREATE OR REPLACE FUNCTION search_look(queries text[], terms int, sample int)
RETURNS TABLE (place int, seen bigint, is_there boolean)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    WITH newest AS MATERIALIZED (
        SELECT vector FROM tickets_ticketsearch ORDER BY ticket_id DESC LIMIT sample
    ), counted AS MATERIALIZED (
        SELECT n::int AS n, query, (SELECT count(*) FROM newest WHERE vector @@ query) AS hits
        FROM unnest(queries::tsquery[]) WITH ORDINALITY AS asked (query, n)
    )
    SELECT n, hits, hits > 0 OR (
        n <= terms AND EXISTS (SELECT FROM tickets_ticketsearch AS row WHERE row.vector @@ query)
    )
    FROM counted;
END $$;
"""

# Each query is asked while fewer hits were found than it says.
HITS_SQL = r"""
CREATE OR REPLACE FUNCTION search_hits(indexed text[], checked text[], while_under int[], most int)
RETURNS TABLE (tier int, ticket bigint)
LANGUAGE plpgsql STABLE SET enable_seqscan = off AS $$
DECLARE
    hits bigint := 0;
    more bigint;
BEGIN
    FOR n IN 1..cardinality(indexed) LOOP
        CONTINUE WHEN hits >= while_under[n];
        RETURN QUERY
        SELECT n, row.ticket_id FROM tickets_ticketsearch AS row
        WHERE row.vector @@ indexed[n]::tsquery
            AND (checked[n] = '' OR ts_match_vq(row.vector, checked[n]::tsquery))
        LIMIT most + 1;
        GET DIAGNOSTICS more = ROW_COUNT;
        hits := hits + more;
        EXIT WHEN more > most;
    END LOOP;
END $$;
"""

# A sequential scan would read every ticket for each word that is in none.
FORGET_SQL = r"""
CREATE OR REPLACE FUNCTION search_forget(words text[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off AS $$
BEGIN
    DELETE FROM tickets_searchword AS known
    WHERE known.word = ANY(words) AND NOT EXISTS (
        SELECT FROM tickets_ticketsearch AS row
        WHERE row.vector @@ format($query$'%s' | '~%s'$query$, known.word, known.word)::tsquery
    );
END $$;
"""


def create(name: str, sql: str, arguments: str) -> migrations.RunSQL:
    return migrations.RunSQL(sql, f"DROP FUNCTION {name}({arguments})")


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_indexes_for_filters")]
    operations = [
        # Never dropped: places need it, too.
        migrations.RunSQL("CREATE EXTENSION IF NOT EXISTS pg_trgm", migrations.RunSQL.noop),
        create("search_fold", FOLD_SQL, "text, boolean"),
        create("search_split", SPLIT_SQL, "text"),
        create("search_words", WORDS_SQL, "text"),
        create("search_first", FIRST_SQL, "text[], int"),
        create("search_index", INDEX_SQL, "bigint[]"),
        create("search_append", APPEND_SQL, "bigint, text, text, text, boolean"),
        create("search_learn_words", LEARN_WORDS_SQL, "text[], bigint[]"),
        create("search_learn", LEARN_SQL, "bigint[]"),
        create("search_conceal", CONCEAL_SQL, "bigint[]"),
        create("search_forget", FORGET_SQL, "text[]"),
        create("search_look", LOOK_SQL, "text[], int, int"),
        create("search_hits", HITS_SQL, "text[], text[], int[], int"),
    ]
