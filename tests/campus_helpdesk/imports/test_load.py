"""The import end to end: files through the command into rows."""

import csv
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from campus_helpdesk.web.shared.ticket_list import last_messages
from messaging.models import Message
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tickets.history import visible_events
from tickets.models import Source, Ticket, TicketEvent

pytestmark = pytest.mark.django_db

CLOSED = {
    "id": "41",
    "title": "Projector is dark",
    "body": "Hello,\nno picture since noon.",
    "status": "closed",
    "category": "it",
    "requester": "nobody@example.edu",
    "opened_at": "2025-03-01T09:00:00Z",
    "updated_at": "2025-03-03T12:00:00Z",
    "closed_at": "2025-03-03T12:00:00Z",
}
OPEN = CLOSED | {"id": "42", "status": "open", "updated_at": "", "closed_at": ""}
ACTIVE = OPEN | {"id": "43", "status": "active"}
FIRST = {
    "ticket_id": "41",
    "author": "Ana",
    "is_staff": "0",
    "created_at": "2025-03-01T09:00:00Z",
    "body": "Hello,\nno picture since noon.",
}
ANSWER = FIRST | {
    "author": "Jo",
    "is_staff": "1",
    "created_at": "2025-03-02T08:00:00+01:00",
    "body": "We come.",
}
NOTE = ANSWER | {"created_at": "2025-03-01T10:00:00Z", "body": "Lamp ordered", "is_internal": "1"}


@pytest.fixture
def load(tmp_path):
    def load(tickets, messages=None, **options):
        files = [write(tmp_path / "tickets.csv", tickets)]
        if messages:
            files += ["--messages", write(tmp_path / "messages.csv", messages)]
        call_command("load_tickets", *files, **options)

    return load


def write(path, rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def test_import_keeps_ids_texts_and_moments(load):
    load([CLOSED])
    ticket = Ticket.objects.get()
    assert (ticket.pk, ticket.status, ticket.category) == (41, "closed", "it")
    assert ticket.description == "Projector is dark\nHello,\nno picture since noon."
    assert (ticket.opened_at, ticket.closed_at, ticket.modified_at) == (at(1, 9), at(3, 12), at(3, 12))
    assert (ticket.category_source, ticket.version) == (Source.PERSON, 3)


def test_import_says_how_many_and_how_fast(load, capsys):
    load([CLOSED, OPEN], [FIRST, ANSWER])
    assert "loaded 2 tickets, 1 messages in" in capsys.readouterr().out


def test_import_takes_description_and_place_columns(load):
    row = {name: OPEN[name] for name in ("id", "status", "category", "opened_at")}
    load([row | {"description": "Dark stairs", "building": "Library", "room": "2.1"}])
    ticket = Ticket.objects.get()
    assert (ticket.description, ticket.place) == ("Dark stairs", "Library, 2.1")


def test_import_does_not_repeat_a_title_that_the_body_begins_with(load):
    load([OPEN | {"title": "Hello,"}])
    assert Ticket.objects.get().description == "Hello,\nno picture since noon."


def test_an_empty_category_is_decided_by_triage(load):
    load([OPEN | {"category": "", "body": "The wifi and my laptop and the printer do not work"}])
    ticket = Ticket.objects.get()
    assert (ticket.category, ticket.category_source) == ("it", Source.MACHINE)
    assert ticket.triage_model
    assert ticket.triage_evidence


def test_messages_keep_author_role_and_moment(load):
    load([CLOSED], [FIRST, NOTE, ANSWER])
    rows = list(Message.objects.values_list("author_role", "author_name", "body", "is_internal", "sent_at"))
    assert rows == [
        ("helpdesk", "Jo", "Lamp ordered", True, at(1, 10)),
        ("helpdesk", "Jo", "We come.", False, at(2, 7)),
    ]


def test_only_the_first_message_can_be_a_copy_of_the_body(load):
    again = FIRST | {"created_at": "2025-03-01T11:00:00Z"}
    load([CLOSED], [again, FIRST])
    assert [message.sent_at for message in Message.objects.all()] == [at(1, 11)]


def test_first_answer_is_no_note_and_activates(load):
    load([CLOSED], [NOTE, ANSWER])
    ticket = Ticket.objects.get()
    assert ticket.first_answered_at == ticket.activated_at == at(2, 7)


def test_without_an_answer_a_closed_ticket_was_activated_when_it_was_closed(load):
    load([CLOSED], [])
    ticket = Ticket.objects.get()
    assert (ticket.first_answered_at, ticket.activated_at) == (None, at(3, 12))


def test_without_an_answer_an_active_ticket_was_activated_at_its_last_change(load):
    load([ACTIVE | {"updated_at": "2025-03-04T08:00:00Z"}])
    assert Ticket.objects.get().activated_at == at(4, 8)


def test_modified_at_follows_the_last_message_that_is_no_note(load):
    said = [row | {"ticket_id": "43"} for row in (ANSWER, NOTE | {"created_at": "2025-03-05T00:00:00Z"})]
    load([ACTIVE], said)
    assert Ticket.objects.get().modified_at == at(2, 7)


def test_history_replayed_gives_the_present_status(load):
    load([CLOSED, OPEN, ACTIVE], [ANSWER])
    for ticket in Ticket.objects.all():
        events = list(visible_events(ticket, HELPDESK.role))
        assert {(event.verb, event.by_role) for event in events} == {("imported", "import")}
        assert [event.status for event in events] == ["open", "active", "closed"][: ticket.version]
        last = events[-1]
        assert (last.closed_at, last.activated_at) == (ticket.closed_at, ticket.activated_at)
        assert [e.pgh_created_at for e in events] == [
            moment for moment in (ticket.opened_at, ticket.activated_at, ticket.closed_at) if moment
        ]


def test_sequences_follow(load):
    ahead = make_ticket().pk + 1000
    load([CLOSED | {"id": str(ahead)}], [ANSWER | {"ticket_id": str(ahead)}])
    assert make_ticket().pk == ahead + 1


def test_sequences_never_go_back(load):
    latest = make_ticket().pk
    if latest == 1:
        latest = make_ticket().pk
    load([CLOSED | {"id": str(10**9)}])
    load([OPEN | {"id": str(10**6)}])
    assert make_ticket().pk == 10**9 + 1


def test_tickets_that_are_there_are_left_alone_with_their_messages(load, capsys):
    load([CLOSED], [ANSWER])
    before = list(Ticket.objects.values())
    load([CLOSED | {"body": "Other"}, OPEN], [ANSWER, ANSWER | {"ticket_id": "42"}])
    assert list(Ticket.objects.filter(pk=41).values()) == before
    assert list(Message.objects.values_list("ticket_id", flat=True)) == [41, 42]
    assert "1 tickets existed already" in capsys.readouterr().out


def test_the_guards_stand_again_after_an_import(load):
    load([CLOSED])
    with pytest.raises(IntegrityError, match="takes no message"), transaction.atomic():
        Message.objects.create(ticket_id=41, author_role="user", body="late")
    with pytest.raises(IntegrityError, match="a new ticket is open"), transaction.atomic():
        Ticket.objects.create(description="Closed at once", category="it", version=3)


LONG = "x" * 20_001
REFUSED_TICKETS = {
    "unknown category 'plumbing'": {"category": "plumbing"},
    "unknown status 'done'": {"status": "done"},
    "needs closed_at": {"closed_at": ""},
    "closed_at is given": {"status": "active"},
    "closed_at is before": {"closed_at": "2025-02-01T00:00:00Z"},
    "opened_at has no offset": {"opened_at": "2025-03-01T09:00:00"},
    "opened_at must be": {"opened_at": "yesterday"},
    "opened_at is before 1900": {"opened_at": "0001-01-01T00:00:00Z"},
    "opened_at is in the future": {"opened_at": "2999-01-01T00:00:00Z"},
    "updated_at is in the future": {"updated_at": "2999-01-01T00:00:00Z"},
    "visible character": {"title": "", "body": "\u200b \u3164"},
    "20,000": {"body": LONG},
    "cannot be stored": {"body": "a\x00b"},
    "id must be": {"id": "4x"},
    "is not between": {"id": "0"},
    "id 9": {"id": "9" * 20},
    "room": {"room": "1\n2"},
    "is in the file twice": {"id": "42"},
}
REFUSED_MESSAGES = {
    "there is no ticket 7": {"ticket_id": "7"},
    "before the opening": {"created_at": "2025-02-01T00:00:00Z"},
    "after the closing": {"created_at": "2025-03-03T12:00:01Z"},
    "is in the future": {"created_at": "2999-01-01T00:00:00Z"},
    "no offset": {"created_at": "2025-03-02T00:00:00"},
    "visible character": {"body": " "},
    "20,000": {"body": LONG},
    "cannot be stored": {"body": "\x00"},
    "is_staff must be": {"is_staff": "maybe"},
    "internal note": {"is_staff": "0", "is_internal": "1"},
}


@pytest.mark.parametrize(("sentence", "change"), REFUSED_TICKETS.items(), ids=REFUSED_TICKETS.keys())
def test_a_bad_ticket_stops_the_import_with_its_line(load, sentence, change):
    with pytest.raises(CommandError, match=rf"tickets, line 4: .*({sentence})"):
        load([OPEN, CLOSED | {"room": ""} | change], [])
    assert nothing_is_there()


@pytest.mark.parametrize(("sentence", "change"), REFUSED_MESSAGES.items(), ids=REFUSED_MESSAGES.keys())
def test_a_bad_message_stops_the_import_with_its_line(load, sentence, change):
    with pytest.raises(CommandError, match=rf"messages, line 3: .*{sentence}"):
        load([CLOSED], [ANSWER, ANSWER | {"is_internal": ""} | change])
    assert nothing_is_there()


def nothing_is_there() -> bool:
    return not (Ticket.objects.exists() or Message.objects.exists() or TicketEvent.objects.exists())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "line 1: the header lacks"),
        (b"id,status,body\n", "line 1: the header lacks opened_at"),
        (b"id,status,opened_at\n", "body or description"),
        (b"id,id,status,opened_at,body\n", "a column twice"),
        (b"id,status,opened_at,body\n1,open\n", "line 2: 2 fields where the header has 4"),
        (b"id,status,opened_at,body\n\n1,open,2025-01-01T00:00:00Z,caf\xe9 caf\xc3\xa9\n", "cannot be read"),
        (b'id,status,opened_at,body\n1,open,2025-01-01T00:00:00Z,"half\n', "line 2: cannot be read"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, content, sentence):
    path = tmp_path / "tickets.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("load_tickets", str(path))
    assert nothing_is_there()


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_tickets", str(tmp_path / "nowhere.csv"))


def test_blank_lines_and_a_byte_order_mark_do_no_harm(tmp_path):
    path = tmp_path / "tickets.csv"
    path.write_text(
        "\ufeffid,status,opened_at,body,category\r\n\r\n5,open,2025-01-01T00:00:00Z,Dark,it\r\n",
        encoding="utf-8",
    )
    call_command("load_tickets", str(path))
    assert Ticket.objects.get().pk == 5


def plan_of(queryset) -> str:
    """How another connection, which sees what is committed, would read these rows."""
    with ThreadPoolExecutor(1) as other:

        def explain() -> str:
            try:
                return queryset.explain()
            finally:
                connection.close()

        return other.submit(explain).result()


class PlanAtHistory(StringIO):
    """The output of an import; when all messages are written, how the list would read its own."""

    def __init__(self, words):
        super().__init__()
        self.words, self.plans = words, []

    def write(self, text: str) -> int:
        if "writing history" in text:
            self.plans.append(plan_of(self.words))
        return super().write(text)


@pytest.mark.django_db(transaction=True)
def test_list_looks_up_its_messages_while_an_import_writes_others(load):
    tickets = [make_ticket() for _ in range(25)]
    make_conversation(tickets[0])
    said = PlanAtHistory(last_messages("helpdesk").filter(ticket__in=[ticket.pk for ticket in tickets]))
    first = max(ticket.pk for ticket in tickets) + 1
    rows = [OPEN | {"id": str(first + n)} for n in range(1000)]
    talk = [ANSWER | {"ticket_id": row["id"], "body": f"We come, {n}."} for row in rows for n in range(9)]
    load(rows, talk, stdout=said)
    assert len(said.plans) == 1
    assert "Seq Scan on messaging_message" not in said.plans[0]


@pytest.mark.django_db(transaction=True)
def test_import_is_counted_for_the_planner_before_anybody_sees_it(load):
    analyzed = []

    def note(execute, sql, params, many, context):
        if sql.startswith("ANALYZE"):
            analyzed.append((sql, connection.in_atomic_block))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        load([CLOSED], [FIRST, ANSWER])
    assert [inside for _, inside in analyzed] == [True, True]
    filled = {"tickets_ticket", "tickets_ticketcount", "tickets_ticketevent", "messaging_message"}
    assert filled <= set(re.findall(r"\w+", analyzed[-1][0]))
