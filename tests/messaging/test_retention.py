import io
from contextlib import closing
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from analytics_workers.catalogue import SERVICES
from analytics_workers.frames import Facts, make_frame, read_columns
from analytics_workers.result_table import Table
from campus_helpdesk.celery import app
from campus_helpdesk.operations.backups import run_program
from campus_helpdesk.operations.integrity import check_integrity, one_snapshot
from common.errors import Hidden
from common.roles import Role
from django_common.advisory_locks import AdvisoryLock, session_lock
from messaging import retention
from messaging.attachments.models import Attachment
from messaging.models import Message
from messaging.retention import LEFT, blank_batch, remove_old_texts
from messaging.tasks import remove_old_texts_nightly
from tests.support.campus_facts import table_of
from tests.support.clients import get_facts
from tests.support.factories import (
    HELPDESK,
    USER,
    make_conversation,
    make_secret,
    make_ticket,
    shift,
)
from tests.support.secretive_tickets import NAMES, SECRET, TRACES, make_secretive_ticket, read_rows
from tests.support.staged_photos import make_message, prepare_all, stored_files
from tickets.actions import activate_ticket, close_ticket, correct_category, repair_ticket
from tickets.embeddings import TicketEmbedding
from tickets.following.actions import give_feedback
from tickets.following.models import Follower, SecretLink
from tickets.learning.second_reading import find_unread_decisions
from tickets.learning.training_data import read_training_data
from tickets.models import IdempotencyKey, Ticket, TicketEvent
from tickets.search import find_hits

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=366)
NUMBERS = ("status", "category", "building", "version", "opened_at", "modified_at", "closed_at")


def close(ticket: Ticket) -> Ticket:
    return close_ticket(activate_ticket(ticket, by=HELPDESK), by=HELPDESK)


def make_old(**fields) -> Ticket:
    return shift(make_ticket("closed", **fields), YEAR)


def retain(months: int = 12, **options) -> str:
    output = io.StringIO()
    call_command("retain", months=months, stdout=output, **options)
    return output.getvalue()


def find_retained() -> list[int]:
    retained = Ticket.objects.exclude(texts_removed_after=None)
    return list(retained.order_by("pk").values_list("pk", flat=True))


def read_numbers() -> list[list]:
    """What stays of every ticket, and of all that was done and written under it."""
    steps = TicketEvent.objects.exclude(verb="redacted").order_by("pk")
    return [
        list(Ticket.objects.order_by("pk").values(*NUMBERS)),
        list(steps.values("pk", "verb", "by_role", "pgh_created_at", "category", "status", "version")),
        list(Message.objects.order_by("pk").values("pk", "ticket", "author_role", "is_internal", "sent_at")),
    ]


def analyse_all(as_of) -> dict[str, Table]:
    """The table of every service, made of what the API says of all tickets."""
    response = get_facts(accept="application/vnd.apache.arrow.stream")
    columns = read_columns(io.BytesIO(response.getvalue()), Ticket.objects.count(), lambda rows: None)
    facts = Facts(make_frame(columns), as_of)
    return {service: table_of(service, facts) for service in SERVICES}


@pytest.mark.django_db(transaction=True)
def test_every_analysis_of_a_campus_is_the_same_afterwards():
    call_command("demo", tickets=400, seed=5, until=None)
    as_of = timezone.now()
    before, tables = read_numbers(), analyse_all(as_of)
    report = retain(months=3)
    assert len(find_retained()) > 200
    assert f"{len(find_retained())} tickets" in report
    assert read_numbers() == before
    assert analyse_all(as_of) == tables
    assert all(table.rows for table in tables.values())
    assert set(Message.objects.filter(ticket__in=find_retained()).values_list("body", flat=True)) == {
        "[redacted]"
    }
    with one_snapshot():
        assert [finding for finding in check_integrity() if finding.violations] == []


def read_disk() -> str:
    """All rows as PostgreSQL's own dump writes them, and the photos' files, in small letters."""
    files = b"".join(stored_files().values()).decode("latin-1")
    return (run_program("pg_dump", "--format=plain", "--data-only") + files).casefold()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("own_storage")
def test_planted_words_are_neither_in_the_dump_nor_on_disk():
    ticket = make_secretive_ticket()
    make_message(ticket)
    prepare_all()
    make_secret(ticket)
    TicketEmbedding.objects.create(ticket=ticket, sentence_model="m", vector=bytes(768))
    give_feedback(SecretLink(ticket=ticket), is_solved="no", comment=f"{SECRET} of {NAMES[0]}")
    shift(close(ticket), YEAR)
    traces = TRACES | {"pseudonym-", "form-key", USER.session, Attachment.objects.get().key}
    before = read_disk()
    assert [trace for trace in traces if trace not in before] == []
    assert len(stored_files()) == 3
    retain()
    after = read_disk()
    assert [trace for trace in traces if trace in after] == []
    assert stored_files() == {}
    left = [IdempotencyKey, TicketEmbedding, Follower, SecretLink]
    assert [model for model in left if model.objects.exists()] == []


def test_dry_run_counts_what_goes_and_changes_nothing():
    for _ in range(2):
        ticket = make_ticket(key=None)
        make_conversation(ticket)
        shift(close(ticket), YEAR)
    make_ticket("closed")
    before = read_rows()
    counted = retain(dry_run=True)
    assert read_rows() == before
    removed = retain()
    assert counted.splitlines()[1:] == removed.splitlines()[2:]
    assert "           2 tickets" in counted
    assert "           6 messages" in counted
    assert retain(dry_run=True) == retain() == "Nothing is due.\n"


def test_only_tickets_that_were_closed_long_ago_are_due():
    due = make_old()
    shift(make_ticket("closed"), timedelta(days=300))
    shift(make_ticket("active"), YEAR)
    make_ticket("closed")
    retain()
    assert find_retained() == [due.pk]
    assert {e.by_role for e in due.events.filter(verb="redacted")} == {"machine"}


def test_retained_ticket_is_not_found_and_teaches_nothing():
    ticket = make_ticket(description="The cryostat hisses", building="Hall")
    correct_category(ticket, by=HELPDESK, category="services", version=ticket.version)
    shift(close(ticket), YEAR)
    assert [example.text for example in read_training_data().examples] == ["The cryostat hisses"]
    assert any(find_hits("cryostat", Role.HELPDESK).tiers)
    retain()
    assert [any(find_hits(word, Role.HELPDESK).tiers) for word in ("cryostat", "Hall")] == [False, True]
    assert read_training_data().examples == []
    assert not find_unread_decisions().exists()


def test_retained_ticket_says_so_on_its_page_and_in_the_api(helpdesk):
    old, young = make_old(), make_ticket("closed")
    retain()
    sentence = "Texts were removed after 12 months."
    assert sentence in helpdesk.get(f"/desk/tickets/{old.pk}/").content.decode()
    assert sentence not in helpdesk.get(f"/desk/tickets/{young.pk}/").content.decode()
    answers = [helpdesk.api("GET", f"tickets/{ticket.pk}/").json() for ticket in (old, young)]
    assert [answer["texts_removed_after"] for answer in answers] == [12, None]


def test_texts_of_a_repair_go_in_the_next_run():
    ticket = make_old()
    retain()
    ticket.refresh_from_db()
    repaired = repair_ticket(ticket, by=HELPDESK, reason="x", changes={"description": "Hunter again"})
    assert repaired.texts_removed_after is None
    retain()
    ticket.refresh_from_db()
    assert (ticket.description, ticket.texts_removed_after) == ("[redacted]", 12)


def test_interrupted_run_is_continued(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    tickets = [make_old().pk for _ in range(5)]
    with closing(remove_old_texts(12)) as batches:
        assert next(batches)["tickets"] == 2
    assert find_retained() == tickets[:2]
    assert [counts["tickets"] for counts in remove_old_texts(12)] == [2, 1]
    assert find_retained() == tickets


@pytest.mark.django_db(transaction=True)
def test_ticket_that_somebody_is_changing_is_left_for_the_next_run():
    busy, free = make_old(), make_old()
    is_locked, is_done = Event(), Event()

    def change() -> None:
        with closing(connection), transaction.atomic():
            Ticket.objects.select_for_update(no_key=True).get(pk=busy.pk)
            is_locked.set()
            is_done.wait(10)

    writer = Thread(target=change)
    writer.start()
    assert is_locked.wait(10)
    try:
        counts = blank_batch([busy.pk, free.pk], 12)
    finally:
        is_done.set()
        writer.join()
    assert (counts["tickets"], counts[LEFT]) == (1, 1)
    assert find_retained() == [free.pk]


def test_feedback_that_comes_too_late_is_refused():
    ticket = make_old()
    link = SecretLink(ticket=ticket)
    retain()
    with pytest.raises(Hidden):
        give_feedback(link, is_solved="yes", comment="hunter2")


@pytest.mark.django_db(transaction=True)
def test_one_run_at_a_time():
    make_old()
    errors = []

    def run_second() -> None:
        with closing(connection):
            try:
                retain()
            except CommandError as error:
                errors.append(str(error))

    with session_lock(AdvisoryLock.RETENTION):
        second = Thread(target=run_second)
        second.start()
        second.join(10)
    assert errors == ["Another run is removing old texts; nothing was done."]
    assert find_retained() == []


@pytest.mark.parametrize("months", [None, 0, -1, 1000])
def test_command_needs_a_number_of_months(months):
    with pytest.raises(CommandError, match="--months"):
        retain(months=months)


def test_nightly_run_happens_only_where_it_is_set(settings):
    ticket = make_old()
    remove_old_texts_nightly()
    assert find_retained() == []
    settings.RETAIN_MONTHS = 12
    remove_old_texts_nightly()
    assert find_retained() == [ticket.pk]
    nightly = [
        entry for entry in app.conf.beat_schedule.values() if entry["task"] == remove_old_texts_nightly.name
    ]
    assert [entry["schedule"].hour for entry in nightly] == [{3}]
