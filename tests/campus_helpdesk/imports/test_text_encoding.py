"""The encoding is named, and never guessed wrong silently."""

import pytest
from django.core.management import CommandError

from tickets.models import Ticket

pytestmark = pytest.mark.django_db
TEXT = "Die Küche – „Süd“ – ist 30 € zu kalt"
CSV = "id,status,opened_at,body\n7,open,2025-01-01T00:00:00Z,{}\n"


@pytest.mark.parametrize(
    ("encoding", "label"),
    [
        ("utf-8", "tickets: UTF-8, columns separated by commas"),
        ("utf-8-sig", "tickets: UTF-8,"),
        ("utf-16", "tickets: UTF-16,"),
        ("utf-32", "tickets: UTF-32,"),
        ("cp1252", 'tickets: Windows-1252, as it is not UTF-8 (line 2 reads "Küche")'),
    ],
)
def test_encoding_is_detected_and_printed(load_text, capsys, encoding, label):
    load_text(CSV.format(TEXT), encoding=encoding)
    assert Ticket.objects.get().description == TEXT
    assert label in capsys.readouterr().out


def test_utf_16_is_read_with_either_byte_order_mark(load_text):
    load_text("\ufeff".encode("utf-16-be") + CSV.format(TEXT).encode("utf-16-be"))
    assert Ticket.objects.get().description == TEXT


ONE_BAD_BYTE = CSV.format("Küche").encode() + b"8,open,2025-01-01T00:00:00Z,Hall \xff\n"
UNDECODABLE = {
    "line 3: cannot be read: is not UTF-8: ff at byte 94, but mostly UTF-8": ONE_BAD_BYTE,
    "line 2: cannot be read: is not UTF-8: .* line 2 does not look like Western text": CSV.format(
        "Принтер сломан"
    ).encode("cp1251"),
    "nor is it Windows-1252": CSV.format("a").encode() + b"\x81\n",
    "line 2: cannot be read: is not UTF-16": CSV.format(TEXT).encode("utf-16")[:-1],
    "line 1: cannot be read: looks like UTF-16 without a byte order mark": CSV.encode("utf-16-le"),
}


@pytest.mark.parametrize(("sentence", "content"), UNDECODABLE.items(), ids=UNDECODABLE.keys())
def test_file_in_another_encoding_is_refused_with_the_position(load_text, sentence, content):
    with pytest.raises(CommandError, match=sentence):
        load_text(content)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "text", ["Umlaute: ÄÖÜß", "Das Schild „Gruß“ fehlt über der Tür", "•••••• —————— CAFÉ”"]
)
def test_western_text_that_looks_odd_is_read(load_text, text):
    load_text(CSV.format(text), encoding="cp1252")
    assert Ticket.objects.get().description == text
