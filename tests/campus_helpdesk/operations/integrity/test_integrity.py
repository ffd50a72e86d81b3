"""Each rule finds its violation: rows changed behind triggers and constraints."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from analytics_gateway.models import ReportSchedule
from analytics_gateway.scheduled_runs import make_due_reports
from campus_helpdesk.operations.integrity import SHOWN, check_integrity, one_snapshot, run_query
from campus_helpdesk.operations.integrity.python_checks import PYTHON_CHECKS
from campus_helpdesk.operations.integrity.sql_checks import SQL_CHECKS
from messaging.actions import post_message
from messaging.attachments.cleaning import clean_up
from messaging.redaction import redact_ticket
from tests.support.analyses import make_analysis, make_done, make_running, make_schedule
from tests.support.factories import HELPDESK, USER, make_conversation, make_ticket
from tests.support.second_readings import read_again
from tests.support.staged_photos import make_photo
from tickets.actions import close_ticket, correct_category, repair_ticket
from tickets.duplicates.me_too import say_me_too
from tickets.duplicates.merging import merge_ticket, undo_merge
from tickets.models import ModelOrigin, Ticket, TriageModel


def make_everything() -> None:
    """Rows of every kind, made by the product's own actions."""
    for status in ("open", "active", "closed"):
        make_ticket(status, key=f"key of {status}")
    talked = make_ticket("active", building="Main hall", description="Ünïcode, über alles ✓")
    make_conversation(talked)
    read_again(talked, "services")
    correct_category(talked, by=HELPDESK, category="it", version=talked.version)
    close_ticket(talked, by=HELPDESK)
    repair_ticket(talked, by=HELPDESK, reason="closed too early", changes={"status": "active"})
    post_message(talked, by=USER, body="Thank you", key="once")
    make_photo(talked)
    clean_up()
    merge_some(talked)
    make_analysis(), make_running(2), make_done()
    make_schedule()
    ReportSchedule.objects.update(counts_from=datetime.now(UTC) - timedelta(days=3, hours=1))
    make_due_reports()
    TriageModel.objects.create(
        version="m",
        raw=b"x",
        sha256=hashlib.sha256(b"x").hexdigest(),
        made_by=ModelOrigin.NIGHTLY,
        figures={},
    )


def merge_some(kept: Ticket) -> None:
    """Two tickets through another one, of which one is taken back, and so is one that was merged directly; a
    browser has each problem."""
    earlier, again, between, duplicate = make_ticket(), make_ticket(), make_ticket(), make_ticket()
    for number, ticket in enumerate((earlier, again, between, duplicate)):
        say_me_too(ticket, by=replace(USER, browser=f"{number:064x}"))
    for ticket in (earlier, again):
        merge_ticket(ticket, into=between, by=HELPDESK)
    for ticket in (between, duplicate):
        merge_ticket(ticket, into=kept, by=HELPDESK)
    for ticket in (again, duplicate):
        undo_merge(ticket, by=HELPDESK, reason="Another lamp", changes={"status": "active"})


def find_broken() -> dict[str, list]:
    return {finding.name: finding.ids for finding in check_integrity() if finding.violations}


# It waits for connections of earlier tests that are still ending.
UNGUARD = """
SET LOCAL lock_timeout = '60s';
SET LOCAL statement_timeout = '60s';
SET CONSTRAINTS ALL IMMEDIATE;
DO $$
DECLARE rule record;
BEGIN
    FOR rule IN SELECT conrelid::regclass AS place, conname FROM pg_constraint
        WHERE contype IN ('c', 'u', 'f')
        AND conrelid::regclass::text ~ '^(tickets|messaging|attachments|analytics)_'
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.place, rule.conname); END LOOP;
    FOR rule IN SELECT relname FROM pg_class
        WHERE relkind = 'r' AND relname ~ '^(tickets|messaging|attachments|analytics)_'
    LOOP EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', rule.relname); END LOOP;
END $$;
DROP INDEX message_once_a_key, ticket_lifetime;
CREATE TEMPORARY VIEW ticket AS SELECT * FROM tickets_ticket;
CREATE TEMPORARY VIEW line AS SELECT * FROM tickets_ticketevent;
CREATE TEMPORARY VIEW message AS SELECT * FROM messaging_message;
CREATE TEMPORARY VIEW photo AS SELECT * FROM attachments_attachment;
CREATE TEMPORARY VIEW key AS SELECT * FROM tickets_idempotencykey;
CREATE TEMPORARY VIEW analysis AS SELECT * FROM analytics_gateway_analysis;
CREATE TEMPORARY VIEW chart AS SELECT * FROM analytics_gateway_analysischart;
CREATE TEMPORARY VIEW run AS SELECT * FROM analytics_gateway_reportrun;
"""


def bend(sql: str) -> None:
    """With triggers and constraints off; the end of the transaction restores them."""
    with connection.cursor() as cursor:
        cursor.execute(UNGUARD)
        cursor.execute(sql)
        assert cursor.rowcount > 0


TOMORROW, YESTERDAY = "now() + interval '1 day'", "now() - interval '1 day'"
SAID = "author_role, author_name, body, is_internal, author_session, key"
LATE_NOTE = f"""
INSERT INTO message (ticket_id, {SAID}, sent_at)
SELECT id, 'helpdesk', '', 'late', true, '', '', {TOMORROW} FROM ticket WHERE status = 'closed'
"""
SAME_KEY = f"""
INSERT INTO message (ticket_id, {SAID}, sent_at)
SELECT ticket_id, {SAID}, sent_at FROM message WHERE key <> ''
"""
DAMAGES = {
    "status is one of three": ["UPDATE ticket SET status = 'lost' WHERE status = 'open'"],
    "moves are legal, by the helpdesk, one at a time": [
        "UPDATE line SET status = 'closed' WHERE verb = 'activated'",
        "UPDATE line SET status = 'active' WHERE verb = 'opened'",
        "UPDATE line SET by_role = 'user' WHERE verb = 'closed'",
    ],
    "closed if and only if closed_at": [
        "UPDATE ticket SET closed_at = NULL WHERE status = 'closed'",
        "UPDATE ticket SET closed_at = modified_at WHERE status = 'active'",
        "UPDATE ticket SET activated_at = modified_at WHERE status = 'open'",
    ],
    "activated_at and closed_at are set once": [
        "UPDATE line SET activated_at = now() WHERE verb = 'closed'",
        "UPDATE line SET activated_at = NULL WHERE verb = 'closed'",
    ],
    "opened, activated, closed, modified in order": [
        f"UPDATE ticket SET opened_at = {TOMORROW}",
        "UPDATE ticket SET closed_at = opened_at WHERE status = 'closed'",
        "UPDATE ticket SET modified_at = opened_at WHERE status = 'closed'",
    ],
    "closed tickets are changed by repair only": [
        f"UPDATE ticket SET modified_at = {TOMORROW} WHERE status = 'closed'"
    ],
    "history timestamps never decrease": [
        f"UPDATE line SET pgh_created_at = {YESTERDAY} WHERE verb = 'closed'"
    ],
    "version grows by one": [
        "UPDATE line SET version = 7 WHERE verb = 'closed'",
        "UPDATE line SET version = version - 1 WHERE verb = 'corrected'",
        "UPDATE line SET version = version + 1 WHERE verb = 'messaged'",
        "UPDATE line SET version = 2 WHERE verb = 'opened'",
    ],
    "category is one of three": ["UPDATE ticket SET category = 'food'"],
    "every correction has a row": ["DELETE FROM tickets_correction"],
    "texts are visible, trimmed and within limits": [
        "UPDATE ticket SET description = 'late space '",
        r"UPDATE ticket SET description = E'\u200b\u2060'",
        "UPDATE ticket SET description = repeat('a', 20001)",
        "UPDATE message SET body = ''",
        r"UPDATE message SET body = E'\u3000x'",
        r"UPDATE ticket SET room = E'1\n2'",
        "UPDATE ticket SET building = ' Main hall'",
    ],
    "messages lie between opening and closing": [
        f"UPDATE message SET sent_at = {TOMORROW} WHERE NOT is_internal",
        f"UPDATE message SET sent_at = {YESTERDAY} WHERE is_internal",
        LATE_NOTE,
    ],
    "messages match the history": [
        "DELETE FROM message WHERE is_internal",
        "DELETE FROM message WHERE author_role = 'user'",
        "DELETE FROM line WHERE verb = 'noted'",
    ],
    "first_answered_at is the helpdesk's first message": [
        "UPDATE ticket SET first_answered_at = modified_at WHERE first_answered_at IS NULL",
        "UPDATE ticket SET first_answered_at = NULL",
    ],
    "the last history row matches the ticket": [
        "UPDATE ticket SET room = '9'",
        "DELETE FROM line WHERE verb = 'closed'",
    ],
    "a ticket is opened exactly once, at opened_at": [
        "DELETE FROM line WHERE verb = 'opened'",
        "UPDATE line SET pgh_label = 'opened' WHERE verb = 'activated'",
        "DELETE FROM ticket WHERE status = 'open'",
        "UPDATE ticket SET opened_at = opened_at - interval '1 hour'",
    ],
    "a key has its ticket": [
        "UPDATE key SET ticket_id = NULL",
        "UPDATE key SET session = 'another'",
        """UPDATE key SET answer = '{"id": 123456789}'""",
    ],
    "a key is used once": ["UPDATE key SET key = 'same'", SAME_KEY],
    "stored counts match the tickets": [
        "UPDATE ticket SET category = 'food' WHERE status = 'open'",
        "DELETE FROM tickets_ticketcount",
        "UPDATE tickets_ticketcount SET change = change + 1",
    ],
    "a search finds each ticket in its status": [
        "DELETE FROM tickets_ticketsearch",
        "UPDATE tickets_ticketsearch SET vector = ts_delete(vector, '!open')",
    ],
    "analyses are in a known, complete state": [
        "UPDATE analysis SET state = 'lost' WHERE state = 'queued'",
        "UPDATE analysis SET lease_until = NULL WHERE state = 'running'",
        "UPDATE analysis SET finished_at = NULL WHERE state = 'done'",
        "UPDATE analysis SET result = NULL WHERE state = 'done'",
        "UPDATE analysis SET state = 'failed', reason = '', result = NULL WHERE state = 'done'",
    ],
    "attempts are counted, three at most": [
        "UPDATE analysis SET attempts = 4",
        "UPDATE analysis SET attempts = 0 WHERE state = 'done'",
        "UPDATE analysis SET started_at = NULL WHERE state = 'done'",
    ],
    "charts exist if and only if done": [
        "DELETE FROM chart",
        "UPDATE analysis SET state = 'expired', result = NULL WHERE state = 'done'",
    ],
    "results match their checksums": [
        "UPDATE analysis SET result = replace(result, '1.25', '1.26') WHERE state = 'done'",
        "UPDATE analysis SET result = '{' WHERE state = 'done'",
        "UPDATE analysis SET time_zone = 'Asia/Tokyo' WHERE state = 'done'",
    ],
    "who has a problem, too, is counted": [
        "UPDATE ticket SET me_too = me_too + 1",
        "DELETE FROM tickets_follower WHERE reason = 'me_too'",
    ],
    "a merged ticket is closed, the kept one not merged": [
        "UPDATE ticket SET merged_into_id = (SELECT min(id) FROM ticket) WHERE status = 'active'",
        "UPDATE ticket SET merged_into_id = id WHERE status = 'closed'",
        "UPDATE ticket SET merged_into_id = 987654321 WHERE merged_into_id IS NOT NULL",
        "UPDATE ticket SET merged_into_id = (SELECT max(merged_into_id) FROM ticket)",
    ],
    "triage models match their checksums": ["UPDATE tickets_triagemodel SET raw = 'y'"],
    "embeddings are whole, none of a redacted text": [
        "UPDATE tickets_ticketembedding SET vector = ''",
        "UPDATE tickets_ticketembedding SET sentence_model = ''",
        "UPDATE tickets_ticketembedding SET decided_by = 'precedent'",
        "UPDATE line SET verb = 'redacted' WHERE verb = 'activated'",
    ],
    "photos are where they were sent": [
        "UPDATE photo SET ticket_id = (SELECT max(id) FROM ticket WHERE status = 'closed')",
        f"UPDATE line SET verb = 'redacted', pgh_created_at = {TOMORROW} WHERE verb = 'messaged'",
        "UPDATE photo SET small_sha256 = ''",
        "UPDATE photo SET state = 'removed'",
    ],
    "texts that were removed by age are gone": [
        "UPDATE ticket SET texts_removed_after = 12 WHERE status = 'closed'",
        "UPDATE ticket SET texts_removed_after = 12, description = '[redacted]', room = '', opener = '',"
        " opener_name = '' WHERE status = 'active'",
    ],
    "photos match their checksums": [
        "UPDATE photo SET large_sha256 = reverse(large_sha256)",
        "UPDATE photo SET id = gen_random_uuid()",
    ],
    "reports match their schedule": [
        "UPDATE analysis SET asked_by_role = 'user'",
        "UPDATE analytics_gateway_reportschedule SET service = 'unresolved'",
    ],
    "reports follow each other without a gap": [
        "DELETE FROM run WHERE slot = (SELECT min(slot) FROM run)",
        "UPDATE run SET slot = slot + interval '1 minute'",
        "UPDATE run SET slot = slot - interval '6 days 1 minute'",
    ],
}


@contextmanager
def undone() -> Iterator[None]:
    """What is done in it is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("name", DAMAGES)
def test_each_check_finds_its_violation(name):
    make_everything()
    for sql in DAMAGES[name]:
        assert find_broken() == {}
        with undone():
            bend(sql)
            assert name in find_broken(), sql


@pytest.mark.django_db
def test_reports_of_an_earlier_campus_time_zone_are_valid(settings):
    for zone in ("Pacific/Auckland", "America/Los_Angeles"):
        settings.CAMPUS_TIME_ZONE = zone
        schedule = make_schedule(hour=8)
        ReportSchedule.objects.filter(pk=schedule.pk).update(
            counts_from=datetime.now(UTC) - timedelta(days=3, hours=1)
        )
        assert make_due_reports()
    settings.CAMPUS_TIME_ZONE = "Asia/Kathmandu"
    assert find_broken() == {}


@pytest.mark.django_db
def test_redacted_ticket_keeps_its_count_without_followers():
    ticket = make_ticket()
    say_me_too(ticket, by=replace(USER, browser="ab" * 32))
    redact_ticket(ticket, reason="A name in it")
    assert (ticket.me_too, ticket.followers.count()) == (1, 0)
    assert find_broken() == {}


def test_every_check_has_a_violation_in_this_test():
    assert {name for _number, name, _find in [*SQL_CHECKS, *PYTHON_CHECKS]} == DAMAGES.keys()


@pytest.mark.django_db
def test_finding_shows_the_first_ids():
    tickets = [make_ticket() for _ in range(SHOWN + 2)]
    bend("UPDATE ticket SET category = 'food'")
    finding = next(f for f in check_integrity() if f.name == "category is one of three")
    assert (finding.violations, finding.ids) == (SHOWN + 2, [ticket.pk for ticket in tickets[:SHOWN]])
    assert str(finding).endswith(f"7  {', '.join(str(ticket.pk) for ticket in tickets[:SHOWN])}")


@pytest.mark.django_db(transaction=True)
def test_command_prints_each_rule_and_exits_with_1(capsys):
    make_everything()
    call_command("check_invariants")
    assert len(capsys.readouterr().out.splitlines()) == len(SQL_CHECKS) + len(PYTHON_CHECKS)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tickets_ticket DISABLE TRIGGER USER")
        cursor.execute("UPDATE tickets_ticket SET room = '9' WHERE status = 'open'")
        cursor.execute("ALTER TABLE tickets_ticket ENABLE TRIGGER USER")
    with pytest.raises(CommandError, match="1 integrity rules are violated"):
        call_command("check_invariants")


@pytest.mark.django_db(transaction=True)
def test_check_reads_one_snapshot_and_writes_nothing():
    with one_snapshot():
        with pytest.raises(DatabaseError, match="read-only"), transaction.atomic():
            make_ticket()
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            assert cursor.fetchone() == ("repeatable read",)


@pytest.mark.django_db(transaction=True)
def test_check_takes_as_long_as_it_needs():
    connection.ensure_connection()
    with connection.connection.with_timeout(0.3), one_snapshot():
        assert run_query("SELECT 1 FROM pg_sleep(1)") == (1, [1])
