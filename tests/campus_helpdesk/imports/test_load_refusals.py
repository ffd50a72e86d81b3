"""What an import refuses, by line and reason; nothing of it is stored."""

import pytest
from django.core.management import CommandError, call_command

from messaging.models import Message
from tests.support.import_rows import ANSWER, CLOSED, OPEN
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db


LONG = "x" * 20_001
REFUSED_TICKETS = {
    "unknown category 'plumbing'": {"category": "plumbing"},
    "unknown status 'done'": {"status": "done"},
    "needs closed_at": {"closed_at": ""},
    "closed_at is given": {"status": "active"},
    "closed_at is before": {"closed_at": "2025-02-01T00:00:00Z"},
    "opened_at has no UTC offset": {"opened_at": "2025-03-01T09:00:00"},
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
    "no UTC offset": {"created_at": "2025-03-02T00:00:00"},
    "visible character": {"body": " "},
    "20,000": {"body": LONG},
    "cannot be stored": {"body": "\x00"},
    "is_staff must be": {"is_staff": "maybe"},
    "internal note": {"is_staff": "0", "is_internal": "1"},
}


@pytest.mark.parametrize(("sentence", "change"), REFUSED_TICKETS.items(), ids=REFUSED_TICKETS.keys())
def test_bad_ticket_is_refused_with_its_line(load, sentence, change):
    with pytest.raises(CommandError, match=rf"tickets, line 4: .*({sentence})"):
        load([OPEN, CLOSED | {"room": ""} | change], [])
    assert nothing_is_there()


@pytest.mark.parametrize(("sentence", "change"), REFUSED_MESSAGES.items(), ids=REFUSED_MESSAGES.keys())
def test_bad_message_is_refused_with_its_line(load, sentence, change):
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
def test_broken_file_is_refused(tmp_path, content, sentence):
    path = tmp_path / "tickets.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=sentence):
        call_command("load_tickets", str(path))
    assert nothing_is_there()


def test_missing_file_is_named(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("load_tickets", str(tmp_path / "nowhere.csv"))
