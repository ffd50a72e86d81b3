"""What other helpdesks, spreadsheets and programs write is read, or refused with a quotation."""

import os
import re
import threading

import pytest
from django.core.management import CommandError, call_command

from messaging.models import Message
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HEADER = "id,status,opened_at,body"
ROW = "7,open,2025-01-01T00:00:00Z,Dark stairs"
TOO_LONG_FOR_CSV = "x" * 131_073


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_that_of_the_header(load_text, delimiter):
    rows = [
        ["id", "status", "opened_at", "body"],
        ["7", "open", "2025-01-01T00:00:00Z", '"Hall; 1, left\tdoor"'],
    ]
    load_text("\n".join(delimiter.join(row) for row in rows))
    assert Ticket.objects.get().description == "Hall; 1, left\tdoor"


def test_delimiter_is_the_one_that_finds_the_columns(load_text):
    load_text('id;status;opened_at;body;"a,b,c,d,e,f,g"\n7;open;2025-01-01T00:00:00Z;Dark;x')
    assert Ticket.objects.get().description == "Dark"


@pytest.mark.parametrize(
    "header",
    [
        "ID,Status,OPENED_AT,Body",
        "Id,status,Opened At,body",
        " id , status ,openedAt,BODY",
        "id,status,opened-at,body",
    ],
)
def test_header_is_read_in_any_case_and_spacing(load_text, header):
    load_text(f"{header}\n{ROW}")
    assert Ticket.objects.get().pk == 7


def test_header_of_messages_is_read_in_any_case_and_spacing(load_text):
    messages = "Ticket ID;Author;Is Staff;Created At;Body\n7.0;Ana;1.0;2025-01-02T00:00:00Z;We come"
    load_text(f"{HEADER}\n{ROW}", messages)
    assert Message.objects.get().author_role == "helpdesk"


def test_ignored_columns_may_be_repeated_or_unnamed(load_text):
    load_text(f"Comment,{HEADER},Comment,,comment,\na,{ROW},b,c,d,e")
    assert Ticket.objects.get().description == "Dark stairs"


def test_repeated_column_is_refused(load_text):
    with pytest.raises(CommandError, match="tickets, line 1: the header names a column twice: opened_at"):
        load_text(f"{HEADER},Opened At\n{ROW},x")


def test_error_of_a_missing_column_lists_the_existing_ones(load_text):
    with pytest.raises(
        CommandError, match="lacks opened_at, status, body or description; it has 'id', 'Titel'"
    ):
        load_text("id;Titel\n7;Dark")


def test_ignored_cell_may_be_very_long(load_text):
    load_text(f"{HEADER},Attachment\n{ROW},{TOO_LONG_FOR_CSV}")
    assert Ticket.objects.get().description == "Dark stairs"


def test_unclosed_quotation_mark_is_refused_with_its_line(load_text, monkeypatch):
    monkeypatch.setattr("campus_helpdesk.imports.csv_file.MAX_CELL_LENGTH", 10_000)
    rows = "\n".join(f"{number},open,2025-01-01T00:00:00Z,Dark" for number in range(1000))
    with pytest.raises(CommandError, match="tickets, line 2: cannot be read: a quotation mark is not closed"):
        load_text(f'{HEADER}\n1,open,2025-01-01T00:00:00Z,"half\n{rows}')


@pytest.mark.parametrize("status", ["OPEN", "Open", " open "])
def test_status_is_read_in_any_case(load_text, status):
    load_text(f"{HEADER}\n{ROW.replace('open', status)}")
    assert Ticket.objects.get().status == "open"


@pytest.mark.parametrize(
    ("written", "category"),
    [
        ("IT", "it"),
        ("Technical IT", "it"),
        ("technical it", "it"),
        ("Facility management", "facility"),
        ("FACILITY", "facility"),
        ("Services complaints", "services"),
    ],
)
def test_category_is_read_in_any_case_and_by_its_label(load_text, written, category):
    load_text(f"{HEADER},category\n{ROW},{written}")
    assert Ticket.objects.get().category == category


@pytest.mark.parametrize(
    ("written", "number"),
    [("300900.0", 300900), (" 7 ", 7), ("007", 7), ("1 234", 1234), ("12\u00a0345\u202f678", 12345678)],
)
def test_id_is_read_as_spreadsheets_write_it(load_text, written, number):
    load_text(f"{HEADER}\n{written}{ROW[1:]}")
    assert Ticket.objects.get().pk == number


@pytest.mark.parametrize(
    "written", ["1.0e3", "3.009E+05", "1.000", "7.5", "-7", "INC0057044", "12 34", "٣", "1_000", ""]
)
def test_invalid_id_is_quoted_in_its_error(load_text, written):
    with pytest.raises(
        CommandError, match=f"line 2: id must be a whole number, not {re.escape(repr(written))}"
    ):
        load_text(f"{HEADER}\n{written}{ROW[1:]}")


def test_all_errors_of_both_files_are_reported_together(load_text):
    tickets = f"""{HEADER},category,closed_at
1,done,yesterday,,plumbing,
2,open,2025-01-01T00:00:00Z,Dark
3,open,2025-01-01T00:00:00Z,Dark,it,
3,closed,2025-01-01T00:00:00Z,Dark,it,
"""
    messages = """ticket_id,is_staff,created_at,body
1,1,2025-01-02T00:00:00Z,Under a ticket that is refused
3,maybe,2025-01-02T00:00:00Z,
9,1,2025-01-02T00:00:00Z,Under none
3,1,2024-12-31T00:00:00Z,Too early
"""
    with pytest.raises(CommandError) as refusal:
        load_text(tickets, messages)
    assert str(refusal.value).splitlines() == [
        "Nothing was imported. tickets, line 2: unknown status 'done'; known: open, active, closed; "
        "unknown category 'plumbing'; known: facility (Facility management), it (Technical IT), "
        "services (Services complaints); opened_at must be an ISO 8601 date and time such as "
        "2026-03-01T09:30:00Z, not 'yesterday'; description: Must contain at least one visible character.",
        "tickets, line 3: 4 fields where the header has 6",
        "tickets, line 5: a closed ticket needs closed_at",
        "tickets, line 5: the id 3 is in the file twice",
        "messages, line 3: is_staff must be 1 or 0, not 'maybe'; "
        "body: Must contain at least one visible character.",
        "messages, line 4: there is no ticket 9",
        "messages, line 5: created_at is before the opening of ticket 3",
    ]
    assert not Ticket.objects.exists()


def test_further_errors_of_a_file_are_counted(load_text):
    rows = "\n".join(f"{number},done,2025-01-01T00:00:00Z,Dark" for number in range(1, 1031))
    with pytest.raises(CommandError) as refusal:
        load_text(f"{HEADER}\n{rows}", "ticket_id,is_staff,created_at,body\nx,1,2025-01-01T00:00:00Z,Hi")
    lines = str(refusal.value).splitlines()
    assert len(lines) == 22
    assert lines[19].startswith("tickets, line 21: unknown status")
    assert lines[20] == "tickets: and 1,010 more"
    assert lines[21].startswith("messages, line 2: ticket_id must be")


def test_unreadable_file_hides_no_error_of_the_other(load_text):
    messages = (
        "ticket_id,is_staff,created_at,body\n7,maybe,2025-01-01T00:00:00Z,Hi\n7,1,2025-01-01T00:00:00Z,Hi"
    )
    with pytest.raises(CommandError) as refusal:
        load_text("id;Titel\n7;Dark", messages)
    lines = str(refusal.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "Nothing was imported. tickets, line 1",
        "messages, line 2",
    ]


def test_unreadable_row_hides_no_later_error(load_text):
    with pytest.raises(CommandError) as refusal:
        load_text(f'{HEADER}\n1,open,2025-01-01T00:00:00Z,"a"b\n{ROW.replace("open", "done")}')
    lines = str(refusal.value).splitlines()
    assert "line 2: cannot be read" in lines[0]
    assert "line 3: unknown status" in lines[1]


def test_file_may_be_a_pipe(tmp_path):
    pipe = tmp_path / "tickets"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=[f"{HEADER}\n{ROW}"])
    writer.start()
    call_command("load_tickets", str(pipe))
    writer.join()
    assert Ticket.objects.get().pk == 7
