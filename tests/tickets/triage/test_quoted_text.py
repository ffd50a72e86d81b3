import time

import pytest

from tickets.triage.features import Lexicon, find_report_end, read_words
from tickets.triage.quoted_text import find_quoted_text

REPORT = "The lamp above the stairs flickers.\n"
QUOTE = "> The printer is jammed.\n> Please help.\n"


@pytest.mark.parametrize(
    "heading",
    [
        "On Mon, 2 March 2026 at 09:12, Amy Wood <amy@example.edu> wrote:",
        "Am 02.03.2026 um 09:12 schrieb Amy Wood:",
        "Le lundi 2 mars 2026, Amy Wood a écrit :",
        "El lun, 2 mar 2026, Amy Wood escribió:",
        "Il giorno lun 2 mar 2026 Amy Wood ha scritto:",
        "Em 2 de março de 2026, Amy Wood escreveu:",
        "Op ma 2 mrt 2026 schreef Amy Wood:",
        "----- Original Message -----",
        "---------- Weitergeleitete Nachricht ---------",
        "From: Amy Wood\nSent: Monday\nTo: helpdesk",
        "Von: Amy Wood\nGesendet: Montag",
    ],
)
def test_a_quoted_mail_begins_at_its_heading(heading):
    assert find_quoted_text(f"{REPORT}\n{heading}\nThe printer is jammed.") == len(REPORT) + 1


def test_marked_lines_at_the_end_are_quoted():
    assert find_quoted_text(REPORT + QUOTE) == len(REPORT)
    assert find_quoted_text(REPORT + QUOTE + "Is it the same here?") == len(
        REPORT + QUOTE + "Is it the same here?"
    )


@pytest.mark.parametrize(
    "text",
    [
        "On Monday the printer wrote: paper jam, every time.",
        "From: platform 3 To: the lift, all lights are out",
        "Temperature > 30 degrees in the lab",
        "The date: never",
    ],
)
def test_a_first_mail_is_read_to_its_end(text):
    assert find_quoted_text(text) in (0, len(text))
    assert read_words(text, Lexicon())


def test_report_outweighs_the_mail_below_and_its_own_signature():
    text = f"{REPORT}\nKind regards\nAmy Wood\nIT Services\n\n{QUOTE}"
    assert text[: find_report_end(text)].strip() == REPORT.strip()
    assert "printer" not in {word.folded for word in read_words(text, Lexicon())}


def test_a_forwarded_mail_is_read_if_nothing_stands_above_it():
    words = [word.folded for word in read_words(f"FYI\n\n{QUOTE}", Lexicon())]
    assert {"printer", "jammed"} <= set(words)


def test_addresses_do_not_count():
    words = read_words(
        "Lamp out, write to it-support@wifi.example.edu or https://printer.example.edu/wifi", Lexicon()
    )
    assert [word.folded for word in words] == ["lamp", "out", "write", "to", "or"]


@pytest.mark.parametrize("piece", [">", "@", "On a ", "From: ", "-", "a/", "www.", "a-"])
def test_time_grows_with_the_length_only(piece):
    started = time.process_time()
    read_words(piece * 20_000, Lexicon())
    assert time.process_time() - started < 2
