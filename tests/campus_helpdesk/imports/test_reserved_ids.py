"""An import and people who report at the same time take no ids from each other."""

from collections.abc import Callable
from contextlib import suppress
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError
from django.db import IntegrityError, OperationalError, connection

from django_common.advisory_locks import AdvisoryLock
from tests.support.factories import make_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "id,status,opened_at,body,category\n"


def write_rows(first: int, count: int, status: str = "open") -> str:
    row = "{},{},2025-01-01T00:00:00Z,Dark,it\n"
    return HEADER + "".join(row.format(number, status) for number in range(first, first + count))


def connect() -> psycopg.Connection:
    """As another process would."""
    known = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    return psycopg.connect(**{name: known[name] for name in names if name in known})


def draw_id() -> int:
    """What the database gives to a ticket that somebody else is just reporting."""
    with connect() as other:
        return other.execute("SELECT nextval('tickets_ticket_id_seq')").fetchone()[0]


class Reports(StringIO):
    """Somebody reports a ticket whenever the import has printed something."""

    def __init__(self):
        super().__init__()
        self.ids: list[int] = []

    def write(self, text: str) -> int:
        if "read" in text:
            self.ids.append(draw_id())
        return super().write(text)


@pytest.fixture
def reports(monkeypatch) -> Reports:
    monkeypatch.setattr("campus_helpdesk.imports.staging.REPORT_EVERY", 5)
    return Reports()


def test_ticket_reported_during_an_import_gets_a_higher_id(load_text, reports):
    first = make_ticket().pk + 1
    load_text(write_rows(first, 30), stdout=reports)
    assert len(reports.ids) == 6
    assert min(reports.ids) == first + 30
    assert Ticket.objects.filter(pk__gte=first).count() == 30
    assert "there already" not in reports.getvalue()


def test_refused_import_releases_its_ids(load_text):
    first = make_ticket().pk + 1
    with suppress(CommandError):
        load_text(write_rows(10**9, 3, status="done"))
    assert make_ticket().pk == first


class Interrupted(StringIO):
    """At this line of the import something other than a refusal ends it."""

    def __init__(self, line: str, happen: Callable[[], None]):
        super().__init__()
        self.line, self.happen = line, happen

    def write(self, text: str) -> int:
        if self.line in text:
            self.happen()
        return super().write(text)


def press_control_c() -> None:
    raise KeyboardInterrupt


def break_a_rule() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO tickets_ticket (id) VALUES (1)")


def lose_the_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize(
    ("happen", "error"), [(press_control_c, KeyboardInterrupt), (break_a_rule, IntegrityError)]
)
def test_interrupted_import_releases_its_ids(load_text, happen, error):
    first = make_ticket().pk + 1
    with pytest.raises(error):
        load_text(write_rows(first + 1000, 3), stdout=Interrupted("writing messages", happen))
    assert make_ticket().pk == first


def test_import_that_cannot_release_its_ids_reports_it(load_text):
    output = Interrupted("writing messages", lose_the_connection)
    last = make_ticket().pk + 1000
    with pytest.raises(OperationalError, match="terminating connection"):
        load_text(write_rows(last - 2, 3), stdout=output)
    connection.close()
    assert make_ticket().pk == last + 1
    assert f"the ids up to {last} stay reserved for another attempt" in output.getvalue()


def test_refused_import_keeps_its_ids_after_a_new_report(load_text, reports):
    first = make_ticket().pk + 1
    with pytest.raises(CommandError, match="the id"):
        load_text(write_rows(first, 30) + write_rows(first, 1).removeprefix(HEADER), stdout=reports)
    assert make_ticket().pk == max(reports.ids) + 1 == first + 36


def test_second_import_at_the_same_time_is_refused(load_text):
    with connect() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.IMPORT])
        with pytest.raises(CommandError, match=r"Nothing was imported\. another import is running"):
            load_text(write_rows(5, 1))


def test_ids_of_other_tickets_are_listed(load_text, capsys):
    taken = make_ticket().pk
    load_text(write_rows(taken, 2))
    load_text(write_rows(taken, 2))
    lines = capsys.readouterr().out.splitlines()
    others = f"1 of these ids belong to different tickets and were not imported: {taken}"
    assert [line for line in lines if "already" in line or "different" in line] == [
        "1 tickets already existed and were skipped",
        others,
        "2 tickets already existed and were skipped",
        others,
    ]
