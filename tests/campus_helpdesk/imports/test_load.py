"""The import end to end: files through the command into rows."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from campus_helpdesk.web.shared.ticket_list import last_messages
from messaging.models import Message
from tests.support.factories import HELPDESK, make_conversation, make_ticket
from tests.support.import_rows import ACTIVE, ANSWER, CLOSED, FIRST, NOTE, OPEN
from tickets.history import visible_events
from tickets.models import Source, Ticket

pytestmark = pytest.mark.django_db


def at(day: int, hour: int) -> datetime:
    return datetime(2025, 3, day, hour, tzinfo=UTC)


def test_import_keeps_ids_texts_and_times(load):
    load([CLOSED])
    ticket = Ticket.objects.get()
    assert (ticket.pk, ticket.status, ticket.category) == (41, "closed", "it")
    assert ticket.description == "Projector is dark\nHello,\nno picture since noon."
    assert (ticket.opened_at, ticket.closed_at, ticket.modified_at) == (at(1, 9), at(3, 12), at(3, 12))
    assert (ticket.category_source, ticket.version) == (Source.PERSON, 3)


def test_import_prints_counts_and_speed(load, capsys):
    load([CLOSED, OPEN], [FIRST, ANSWER])
    assert "loaded 2 tickets, 1 messages in" in capsys.readouterr().out


def test_import_reads_description_and_location_columns(load):
    row = {name: OPEN[name] for name in ("id", "status", "category", "opened_at")}
    load([row | {"description": "Dark stairs", "building": "Library", "room": "2.1"}])
    ticket = Ticket.objects.get()
    assert (ticket.description, ticket.location) == ("Dark stairs", "Library, 2.1")


def test_title_that_begins_the_body_is_not_repeated(load):
    load([OPEN | {"title": "Hello,"}])
    assert Ticket.objects.get().description == "Hello,\nno picture since noon."


def test_empty_category_is_predicted_by_triage(load):
    load([OPEN | {"category": "", "body": "The wifi and my laptop and the printer do not work"}])
    ticket = Ticket.objects.get()
    assert (ticket.category, ticket.category_source) == ("it", Source.MACHINE)
    assert ticket.triage_model
    assert ticket.triage_evidence


def test_messages_keep_author_role_and_time(load):
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


def test_first_message_of_the_helpdesk_activates_and_notes_do_not(load):
    load([CLOSED], [NOTE, ANSWER])
    ticket = Ticket.objects.get()
    assert ticket.first_answered_at == ticket.activated_at == at(2, 7)


def test_closed_ticket_without_an_answer_was_activated_at_its_closing(load):
    load([CLOSED], [])
    ticket = Ticket.objects.get()
    assert (ticket.first_answered_at, ticket.activated_at) == (None, at(3, 12))


def test_active_ticket_without_an_answer_was_activated_at_its_last_change(load):
    load([ACTIVE | {"updated_at": "2025-03-04T08:00:00Z"}])
    assert Ticket.objects.get().activated_at == at(4, 8)


def test_modified_at_is_at_least_the_last_message_without_notes(load):
    answers = [row | {"ticket_id": "43"} for row in (ANSWER, NOTE | {"created_at": "2025-03-05T00:00:00Z"})]
    load([ACTIVE], answers)
    assert Ticket.objects.get().modified_at == at(2, 7)


def test_last_history_row_has_the_status_of_the_ticket(load):
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


def test_existing_tickets_and_their_messages_are_unchanged(load, capsys):
    load([CLOSED], [ANSWER])
    before = list(Ticket.objects.values())
    load([CLOSED | {"body": "Other"}, OPEN], [ANSWER, ANSWER | {"ticket_id": "42"}])
    assert list(Ticket.objects.filter(pk=41).values()) == before
    assert list(Message.objects.values_list("ticket_id", flat=True)) == [41, 42]
    assert "1 tickets already existed" in capsys.readouterr().out


def test_triggers_are_active_again_after_an_import(load):
    load([CLOSED])
    with pytest.raises(IntegrityError, match="takes no message"), transaction.atomic():
        Message.objects.create(ticket_id=41, author_role="user", body="late")
    with pytest.raises(IntegrityError, match="a new ticket is open"), transaction.atomic():
        Ticket.objects.create(description="Closed at once", category="it", version=3)


def test_blank_lines_and_a_byte_order_mark_are_ignored(tmp_path):
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
    output = PlanAtHistory(last_messages("helpdesk").filter(pk__in=[ticket.pk for ticket in tickets]))
    first = max(ticket.pk for ticket in tickets) + 1
    rows = [OPEN | {"id": str(first + n)} for n in range(1000)]
    messages = [
        ANSWER | {"ticket_id": row["id"], "body": f"We come, {n}."} for row in rows for n in range(20)
    ]
    load(rows, messages, stdout=output)
    assert len(output.plans) == 1
    assert "Seq Scan on messaging_message" not in output.plans[0]


@pytest.mark.django_db(transaction=True)
def test_import_updates_statistics_before_it_is_visible(load):
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
