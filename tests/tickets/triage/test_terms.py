import pytest

from tickets.triage.features import Lexicon, read_words


def read(text: str) -> list[str]:
    return [word.folded for word in read_words(text, Lexicon())]


@pytest.mark.parametrize(
    ("spellings", "term"),
    [
        (["wifi", "Wi-Fi", "wi‑fi", "WI-FI"], "wifi"),
        (["email", "e-mail", "E-Mail", "e\u00admail"], "email"),
        (["wlan", "W-LAN"], "wlan"),
        (["ac", "A/C", "a-c"], "ac"),
        (["h204", "H-204"], "h204"),
        (["checkin", "check-in"], "checkin"),
        (["heizung", "Hei\u00adzung", "Hei\u200bzung"], "heizung"),
    ],
)
def test_spellings_of_a_term_are_one_word(spellings, term):
    assert {spelling: read(spelling) for spelling in spellings} == {
        spelling: [term] for spelling in spellings
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("E-Mail-Adresse", ["email", "adresse"]),
        ("W-LAN-Router", ["wlan", "router"]),
        ("lamp/socket", ["lamp", "socket"]),
        ("and/or", ["and", "or"]),
        ("door-lock", ["door", "lock"]),
        ("lift - stuck", ["lift", "stuck"]),
        ("l’ascenseur l'ascenseur", ["ascenseur", "ascenseur"]),
    ],
)
def test_longer_parts_are_words_of_their_own(text, words):
    assert read(text) == words


def test_a_term_knows_its_place_in_the_text():
    text = "no Wi-Fi here"
    assert [text[word.start : word.end] for word in read_words(text, Lexicon())] == ["no", "Wi-Fi", "here"]
