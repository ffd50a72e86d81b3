from dataclasses import replace

import pytest
from django.apps import apps
from django.contrib.postgres.search import SearchVectorField
from django.core.management import CommandError, call_command
from django.db import connection, models

from campus_helpdesk.operations.integrity import check_integrity, one_snapshot
from common.roles import Role
from incoming_mail.redaction import BLANK
from messaging.actions import post_message
from messaging.attachments.cleaning import NOTHING
from messaging.attachments.models import State
from messaging.models import Message
from messaging.redaction import CORRECTION, FEEDBACK, HISTORY, MESSAGE, STORED_RESPONSE, TICKET
from notifications.models import Delivery, Subscription
from tests.support.analyses import make_done
from tests.support.factories import HELPDESK, USER, make_conversation, make_ticket
from tests.support.mail_servers import make_subscription
from tests.support.second_readings import read_again
from tests.support.secretive_tickets import (
    NAMES,
    SECRET,
    TRACES,
    make_secretive_ticket,
    read_facts,
    read_rows,
)
from tests.support.staged_photos import make_message, make_report, prepare_all, stored_files
from tickets.actions import activate_ticket, close_ticket, correct_category
from tickets.embeddings import TicketEmbedding
from tickets.following.actions import give_feedback
from tickets.following.models import Feedback, Follower, SecretLink
from tickets.models import Ticket, TicketEvent
from tickets.search import find_hits

pytestmark = pytest.mark.django_db
RETAINED = ("status", "category", "version", "opened_at", "modified_at", "activated_at", "closed_at")


def test_redact_blanks_only_texts():
    ticket = make_ticket(description="My password is hunter2", key="k")
    post_message(ticket, by=USER, body="hunter2, I said")
    activate_ticket(ticket, by=HELPDESK)
    close_ticket(ticket, by=HELPDESK)
    before = {name: getattr(ticket, name) for name in RETAINED}
    events = ticket.events.count()
    call_command("redact", ticket.pk, reason="a password")
    ticket.refresh_from_db()
    assert {name: getattr(ticket, name) for name in RETAINED} == before
    texts = [
        *Ticket.objects.values_list("description", flat=True),
        *Message.objects.values_list("body", flat=True),
    ]
    texts += TicketEvent.objects.values_list("description", flat=True)
    assert set(texts) == {"[redacted]"}
    assert "hunter2" not in str(ticket.triage_evidence)
    assert ticket.events.count() == events + 1
    last = ticket.events.last()
    assert (last.verb, last.reason) == ("redacted", "a password")


def test_redact_forgets_who_follows():
    make_ticket(by=replace(USER, browser="a" * 64))
    kept = make_ticket(by=replace(USER, browser="a" * 64))
    call_command("redact", Ticket.objects.earliest("pk").pk, reason="a password")
    assert list(Follower.objects.values_list("ticket", flat=True)) == [kept.pk]


@pytest.mark.django_db(transaction=True)
def test_redact_keeps_whether_the_problem_is_solved():
    ticket = make_ticket("closed")
    give_feedback(SecretLink(ticket=ticket), is_solved="no", comment="hunter2 is still my password")
    facts = read_facts()
    call_command("redact", ticket.pk, reason="a password")
    assert list(Feedback.objects.values_list("is_solved", "comment")) == [(False, "")]
    assert read_facts() == facts


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_storage")
def test_redact_deletes_the_photos():
    ticket, other = make_report(photos=2), make_report()
    make_message(ticket, by=HELPDESK, is_internal=True)
    prepare_all()
    call_command("redact", ticket.pk, reason="a face")
    assert {photo.state for photo in ticket.photos.all()} == {State.REMOVED}
    assert {name[7:43] for name in stored_files()} == {str(other.photos.get().pk)}
    with one_snapshot():
        assert [finding for finding in check_integrity() if finding.violations] == []


def test_redact_erases_addresses_and_what_was_sent_to_them():
    ticket, kept = make_ticket(), make_ticket()
    for number, one in enumerate((ticket, kept)):
        make_subscription(one, "hunter2@example.edu", browser=f"browser {number}")
        post_message(one, by=HELPDESK, body="On the way")
    call_command("redact", ticket.pk, reason="an address")
    assert [row.ticket for row in Subscription.objects.all()] == [kept]
    assert [row.ticket for row in Delivery.objects.all()] == [kept]


def test_redact_forgets_what_the_text_meant():
    ticket = read_again(make_ticket(description="My password is hunter2"), "services")
    call_command("redact", ticket.pk, reason="a password")
    assert not TicketEmbedding.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_redact_changes_no_statistics_and_no_other_ticket():
    ticket = make_ticket(description="My password is hunter2", building="Hall", key="k")
    make_conversation(ticket)
    correct_category(ticket, by=HELPDESK, category="it", version=ticket.version)
    make_conversation(make_ticket("active", description="Another text"))
    make_done()
    facts, before = read_facts(), read_rows()
    call_command("redact", ticket.pk, reason="a password")
    after = read_rows()
    assert read_facts() == facts
    assert "hunter2" not in str(after)
    mine = {("tickets_ticket", ticket.pk), ("tickets_ticketsearch", ticket.pk)}
    words = {"tickets_searchword", "tickets_publicword"}
    mine |= {key for key in after if key[0] in words and key not in before}
    shown = {key for key in after if before.get(key, {}).get("ticket_id") == ticket.pk}
    mine |= {key for key in shown if after[key]["ticket_id"] != ticket.pk}
    mine |= {("messaging_message", pk) for pk in ticket.messages.values_list("pk", flat=True)}
    mine |= {("tickets_correction", pk) for pk in ticket.corrections.values_list("pk", flat=True)}
    mine |= {("tickets_ticketevent", pk) for pk in ticket.events.values_list("pk", flat=True)}
    assert {key for key in after if after[key] != before.get(key)} == mine
    gone = [before[key]["word"] for key in before if key not in after]
    assert "password" in gone
    assert not {"another", "text"} & set(gone)
    with one_snapshot():
        assert [finding for finding in check_integrity() if finding.violations] == []


# Every column that could contain text of people or programs, and why redaction keeps it. A new one must be
# blanked or listed here.
CODES = "one of a few codes"
SESSION = "the key of a browser's session, which holds nothing that was written"
KEPT_PLACE = "kept by the helpdesk, or named by another ticket"
NOT_UNDER_A_TICKET = "stands under no ticket"
NOBODY_WRITES = "Django's, and nobody writes it here"
KEPT_TEXTS = {
    "tickets_ticket": {
        "building": "by-place counts by it",
        "triage_model": "a version",
        "opener": SESSION,
        **dict.fromkeys(["status", "category", "category_source", "triage_runner_up"], CODES),
    },
    "tickets_ticketevent": {
        "building": "as the ticket's",
        "by_session": SESSION,
        **dict.fromkeys(["pgh_label", "category", "status", "verb", "by_role"], CODES),
    },
    "tickets_correction": {
        "by_session": SESSION,
        "triage_model": "a version",
        **dict.fromkeys(["old", "new", "by_role"], CODES),
    },
    "messaging_message": {
        "author_role": CODES,
        "author_session": SESSION,
        "key": "the form's random key: without it a replay would post the text anew",
    },
    "attachments_attachment": {
        "session": SESSION,
        "key": "the form's random key",
        "state": CODES,
    },
    "incoming_mail_mailboxstate": {"failure": NOT_UNDER_A_TICKET},
    "incoming_mail_incomingmail": {
        "identity": "a hash: without it the same mail would come in anew",
        "state": CODES,
    },
    "tickets_idempotencykey": {
        "session": SESSION,
        "key": "the request's key, gone after a day: without it a replay would report anew",
        "fingerprint": "a hash, gone after a day",
    },
    "tickets_ticketembedding": dict.fromkeys(["sentence_model", "decided_by"], CODES),
    "tickets_sentencemodelinuse": {"sentence_model": CODES},
    "tickets_ticketcount": dict.fromkeys(["status", "category"], CODES),
    "tickets_triagemodel": dict.fromkeys(
        ["version", "raw", "sha256", "seeds", "made_by", "figures", "refusal", "activated_by_role"]
        + ["activated_by_name"],
        "holds single words that several tickets share: docs/developers/triage.md",
    ),
    "analytics_gateway_analysis": dict.fromkeys(
        ["service", "params", "time_zone", "asked_by_role", "asked_by_name", "asked_in", "request_id"]
        + ["state", "phase", "reason", "result"],
        "made of facts, which have no text but the building",
    ),
    "analytics_gateway_analysischart": dict.fromkeys(["svg", "png"], "a picture of the result"),
    "analytics_gateway_pin": dict.fromkeys(["service", "params", "pinned_by_name"], NOT_UNDER_A_TICKET),
    "analytics_gateway_reportschedule": dict.fromkeys(
        ["service", "params", "cadence", "asked_by_role", "asked_by_name", "asked_in"], NOT_UNDER_A_TICKET
    ),
    "notifications_notificationsettings": dict.fromkeys(
        ["new_ticket_addresses", "digest_addresses"], NOT_UNDER_A_TICKET
    ),
    "places_place": dict.fromkeys(["name", "code", "campus"], KEPT_PLACE),
    "places_spelling": dict.fromkeys(["text", "key"], KEPT_PLACE),
    "places_placechange": dict.fromkeys(["text", "by_role", "by_name"], NOT_UNDER_A_TICKET),
    "campus_helpdesk_ratewindow": {"key": "a pseudonym"},
    "django_session": dict.fromkeys(["session_key", "session_data"], "a browser's, until it ends"),
    "django_content_type": dict.fromkeys(["app_label", "model"], NOBODY_WRITES),
    "django_admin_log": dict.fromkeys(["object_id", "object_repr", "change_message"], NOBODY_WRITES),
    "auth_permission": dict.fromkeys(["name", "codename"], NOBODY_WRITES),
    "auth_group": dict.fromkeys(["name"], NOBODY_WRITES),
    "auth_user": dict.fromkeys(["password", "username", "first_name", "last_name", "email"], NOBODY_WRITES),
    "pghistory_context": dict.fromkeys(["metadata"], NOBODY_WRITES),
}
BLANKED_TEXTS = {
    "tickets_ticket": set(TICKET),
    "tickets_ticketsearch": {"vector"},
    "tickets_searchword": {"word"},
    "tickets_publicword": {"word"},
    "tickets_ticketevent": set(HISTORY),
    "tickets_correction": set(CORRECTION),
    "tickets_ticketembedding": {"vector"},
    "tickets_follower": {"browser", "reason", "own_reason"},
    "tickets_secretlink": {"browser", "nonce", "digest"},
    "tickets_feedback": set(FEEDBACK),
    "messaging_message": set(MESSAGE),
    "attachments_attachment": set(NOTHING),
    "incoming_mail_incomingmail": set(BLANK),
    "tickets_idempotencykey": set(STORED_RESPONSE),
    "notifications_subscription": {"address", "browser", "session"},
    "notifications_delivery": {"kind", "channel", "recipient", "events", "message_id", "state", "last_error"},
}
TEXT_FIELDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, SearchVectorField)


def find_text_columns() -> dict[str, set[str]]:
    """Of every table."""
    tables = set(connection.introspection.table_names())
    found = {
        model._meta.db_table: {field.attname for field in model._meta.concrete_fields if holds_text(field)}
        for model in apps.get_models(include_auto_created=True)
        if model._meta.db_table in tables
    }
    return {table: columns for table, columns in found.items() if columns}


def holds_text(field: models.Field) -> bool:
    return isinstance(getattr(field, "output_field", field), TEXT_FIELDS)


def test_every_text_column_is_blanked_or_listed_as_retained():
    known = {
        table: BLANKED_TEXTS.get(table, set()) | set(KEPT_TEXTS.get(table, {}))
        for table in BLANKED_TEXTS.keys() | KEPT_TEXTS.keys()
    }
    assert find_text_columns() == known


@pytest.mark.django_db(transaction=True)
def test_redacted_names_rooms_and_reasons_are_in_no_row():
    ticket = make_secretive_ticket()
    assert len([trace for trace in TRACES if trace in str(read_rows()).casefold()]) == len(TRACES)
    call_command("redact", ticket.pk, reason="asked for by the person")
    everything = str(read_rows()).casefold()
    assert [trace for trace in TRACES if trace in everything] == []
    ticket.refresh_from_db()
    assert (ticket.building, ticket.room, ticket.opener_name) == ("Hall 2", "", "")
    assert set(ticket.events.values_list("building", flat=True)) == {"Hall 2"}
    assert [event.reason for event in ticket.events.exclude(reason="")] == ["asked for by the person"]
    with one_snapshot():
        assert [finding for finding in check_integrity() if finding.violations] == []


@pytest.mark.django_db(transaction=True)
def test_second_redaction_blanks_the_reason_of_the_first():
    ticket = make_secretive_ticket()
    call_command("redact", ticket.pk, reason=f"{NAMES[0]} asked for it")
    call_command("redact", ticket.pk, reason="the reason named a person")
    assert NAMES[0] not in str(read_rows())


def test_redacted_ticket_is_found_only_by_its_building():
    ticket = make_secretive_ticket()
    call_command("redact", ticket.pk, reason="x")
    found = [any(find_hits(text, Role.HELPDESK).tiers) for text in (SECRET, NAMES[0], "Zimmer", "Hall")]
    assert found == [False, False, False, True]


COUNT_INDEXING = """
CREATE SEQUENCE times_indexed;
ALTER FUNCTION search_index(bigint[]) RENAME TO search_index_itself;
CREATE FUNCTION search_index(ids bigint[]) RETURNS void LANGUAGE sql AS
    'SELECT nextval(''times_indexed''); SELECT search_index_itself(ids)'
"""


def test_redact_indexes_a_long_conversation_once():
    """And not once per message."""
    ticket = make_ticket(description="My password is hunter2")
    for number in range(10):
        post_message(ticket, by=USER, body=f"Again: hunter{number}")
    with connection.cursor() as cursor:
        cursor.execute(COUNT_INDEXING)
        call_command("redact", ticket.pk, reason="x")
        cursor.execute("SELECT nextval('times_indexed') - 1, current_setting('statement_timeout')")
        assert cursor.fetchone() == (1, "0")
    assert not any(any(find_hits(f"hunter{number}", Role.HELPDESK).tiers) for number in range(10))


def test_redact_reports_what_is_retained_and_what_is_not_covered(capsys):
    call_command("redact", make_ticket().pk, reason="x")
    output = capsys.readouterr().out
    assert "Retained for statistics: current building, category, status" in output
    assert "Not covered: backups, log files" in output


def test_redact_needs_an_existing_ticket_and_a_reason():
    with pytest.raises(CommandError, match="no ticket"):
        call_command("redact", 987654321, reason="x")
    with pytest.raises(CommandError, match="reason"):
        call_command("redact", make_ticket().pk, reason=" ")
