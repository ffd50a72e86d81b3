"""Searching: what is found, in which order, by whom. tests/tickets/test_api.py has parts of codes."""

import pytest
from django.db import connection

from common.roles import Caller, Role
from messaging.actions import post_message
from tests.support.factories import HELPDESK, USER, make_ticket
from tickets.actions import close_ticket, edit_ticket, repair_ticket
from tickets.models import Ticket
from tickets.search import Hits, find_hits
from tickets.search_terms import MAX_SEARCH_LENGTH

DESK, PORTAL = Role.HELPDESK, Role.USER


def found(text: str, role: Role = DESK) -> list[int]:
    """The tickets that a text finds, best first, as on the first page of a list."""
    hits = Ticket.objects.visible_to(role).matching(find_hits(text, role))
    return list(hits.order_by("-rank", "-opened_at", "-id").values_list("pk", flat=True))


def notices(text: str, role: Role = DESK) -> str:
    return " ".join(find_hits(text, role).notices)


@pytest.fixture
def other(db) -> Ticket:
    return make_ticket(description="A branch hangs loose over the path")


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("The wi-fi is slow", "wifi"),
        ("The wifi is slow", "wi-fi"),
        ("The Wi\u2011Fi is slow", "wi\u2013fi"),
        ("The wi-fi is slow", "WI-FI"),
        ("Projector in H-204", "h204"),
        ("Projector in H-204", "H 204"),
        ("Projector in h204", "H-204"),
        ("Projector in h204", "H 204"),
        ("Projector in H 204", "H-204"),
        ("Projector in H 204", "h204"),
        ("E-Mail-Server away", "email server"),
        ("No w-lan here", "WLAN"),
        ("The \u201cold\u201d door \u2014 stuck", '"old" door'),
        ("The old door", "\u201eold\u201c \u00abdoor\u00bb"),
        ("It doesn\u2019t open", "doesn't"),
        ("No\u00a0heat in hall\u202f7", "heat hall 7"),
        ("The prin\u00adter jams", "printer"),
        ("The prin\u200bter jams", "printer"),
        ("The printer jams", "prin\u00adter\ufeff"),
        ("Die K\u00fcche ist kalt", "Kueche"),
        ("Die Kueche ist kalt", "K\u00fcche"),
        ("Die K\u00fcche ist kalt", "Kuche"),
        ("Die Ku\u0308che ist kalt", "k\u00fcche"),
        ("In der Stra\u00dfe", "strasse"),
        ("In der STRASSE", "stra\u00dfe"),
        ("Une fen\u00eatre cass\u00e9e", "fenetre cassee"),
        (
            "\u0412 \u0430\u0443\u0434\u0438\u0442\u043e\u0440\u0438\u0438 \u0441\u0432\u0435\u0442",
            "\u0410\u0423\u0414\u0418\u0422\u041e\u0420\u0418\u0418",
        ),
        ("\u6211\u7684\u6253\u5370\u673a\u574f\u4e86", "\u6253\u5370\u673a"),
        ("\u6211\u7684\u6253\u5370\u673a\u574f\u4e86", "\u673a"),
        ("\u6559\u5ba42\u53f7\u697c\u505c\u7535", "2\u53f7\u697c"),
        ("\u0e2b\u0e49\u0e2d\u0e07\u0e19\u0e49\u0e33\u0e40\u0e2a\u0e35\u0e22", "\u0e19\u0e49\u0e33"),
        ("\uff37\uff29\uff26\uff29 \uff12\uff10\uff14", "wifi 204"),
        ("Das Heizungsproblem bleibt", "problem"),
        ("The printer jams", "prnter"),
        ("The printer jams", "pritner"),
        ("The printer jams", "prinzer"),
        ("See jane.doe@uni.edu or https://uni.edu/a/b?c=1#d", "https://uni.edu/a/b?c=1#d"),
        ("Server 10.0.0.12 is away", "10.0.0.12"),
        ("x" * 3000, "x" * 3000),
    ],
)
def test_search_finds_other_spellings(other, stored, typed):
    ticket = make_ticket(description=stored)
    assert found(typed) == [ticket.pk]


@pytest.mark.parametrize("text", ["", " ", "?!", "\x1b[0m", "\u200b", "&|!:*()<->'\\", "\U0001f600", "\x00"])
def test_search_without_words_finds_nothing(other, text):
    assert found(text) == []


def test_search_combines_location_reporter_and_messages(other):
    ticket = make_ticket(
        description="The lamp flickers",
        building="Central Library",
        room="B-12",
        by=Caller(Role.USER, name="Zo\u00eb Quill", session="zoe"),
    )
    post_message(ticket, by=USER, body="It hums as well")
    for text in ("zoe quill", "library b12", "lamp hums", "quill hums library"):
        assert found(text, PORTAL) == found(text) == [ticket.pk]


def test_note_is_found_only_by_the_helpdesk(other):
    ticket = make_ticket(description="The lamp flickers")
    post_message(ticket, by=HELPDESK, body="Suspect vandalism, ask Brunhilde", is_internal=True)
    for text in ("vandalism", "vandal", "vandalsim", "~vandalism", "dalism"):
        assert found(text, PORTAL) == []
    assert found("lamp vandalism", PORTAL) == found("lamp xyzxyz", PORTAL)
    assert found("vandalism") == found("lamp vandal") == [ticket.pk]


def test_hidden_words_change_nothing_for_a_user(other):
    """To a user a word of a closed ticket or of a note is like one that occurs nowhere."""
    lamp = make_ticket(description="The lamp flickers near the elevator")
    closed = make_ticket("closed", description="The elevater of professor Grimm, xyzlamp")
    post_message(lamp, by=HELPDESK, body="Grimmig and lampxyz", is_internal=True)
    for hidden, missing in (("grimm", "grumz"), ("elevater", "elevatar"), ("lamp grimmig", "lamp grumzig")):
        answers = [find_hits(text, PORTAL) for text in (hidden, missing)]
        shown = [
            [set(tier) for tier in hits.tiers] + [notice.replace(text, "") for notice in hits.notices]
            for text, hits in zip((hidden, missing), answers, strict=True)
        ]
        assert closed.pk not in found(hidden, PORTAL)
        assert str(shown[0]).replace(hidden.split()[-1], "") == str(shown[1]).replace(missing.split()[-1], "")


def test_whole_words_rank_before_beginnings_and_beginnings_before_parts(other):
    part = make_ticket(description="A sublamp")
    whole = make_ticket(description="A lamp")
    start = make_ticket(description="Lampshade")
    also_whole = make_ticket(description="Another lamp")
    assert found("lamp") == [also_whole.pk, whole.pk, start.pk, part.pk]


def test_code_is_one_term(other):
    """`wi:* & fi:*` found "With ... fire", and ranked it first."""
    make_ticket(description="Window fixed with firewall, 2041 hours, H-20")
    code = make_ticket(description="Beamer in H-204 and wi-fi")
    assert found("wi-fi") == found("H-204") == [code.pk]


@pytest.mark.parametrize("shape", ["#{}", "(#{})", "#{}.", " #{},", "{}", "see #{}, please"])
def test_ticket_number_finds_its_ticket_first(other, shape):
    ticket = make_ticket(description="The lamp flickers")
    make_ticket(description=f"As in {ticket.pk}: see it, please")
    assert found(shape.format(ticket.pk))[0] == ticket.pk


def test_number_of_a_hidden_ticket_finds_nothing(other):
    hidden = make_ticket("closed").pk
    assert found(f"#{hidden}", PORTAL) == found("#99999999", PORTAL) == []
    assert found(f"#{hidden}") == [hidden]


def test_search_for_a_long_text_uses_its_rarest_words(other):
    for _ in range(3):
        make_ticket(
            description="the printer on the second floor is out of paper again and nobody comes today"
        )
    ticket = make_ticket(
        description="The printer says lp0 on fire, error 0x61, cartridge ZX9 is out of paper"
    )
    pasted = "Hello!\nthe printer on the second floor says\tlp0 on fire: cartridge ZX9 is out of paper again"
    assert found(pasted)[0] == ticket.pk
    assert "rarest of" in notices(pasted)


def test_search_falls_back_to_the_rarest_words(other):
    lamp = make_ticket(description="The lamp flickers")
    assert found("lamp oscilloscope") == [lamp.pk]
    assert "contains all of these words. Showing tickets with \u201clamp\u201d." in notices(
        "lamp oscilloscope"
    )
    assert found("oscilloscope theodolite") == []


def test_similar_words_are_searched_only_if_the_word_occurs_nowhere(other):
    printer = make_ticket(description="The printer jams")
    assert "No ticket contains \u201cprnter\u201d" in notices("prnter")
    printed = make_ticket(description="The prnter jams")
    assert found("prnter") == [printed.pk]
    assert found("printer") == [printer.pk]


def test_very_long_search_is_cut_with_a_notice(other):
    lamp = make_ticket(description="The lamp flickers")
    text = "lamp " + "word " * 500
    assert len(text) > MAX_SEARCH_LENGTH
    assert lamp.pk in found(text)
    assert "2,000 characters" in notices(text)


def test_search_index_follows_every_change(other):
    ticket = make_ticket("active", description="The lamp flickers")
    ticket = edit_ticket(
        ticket, by=HELPDESK, version=ticket.version, changes={"description": "The tap drips"}
    )
    assert (found("lamp"), found("tap")) == ([], [ticket.pk])
    repair_ticket(ticket, by=HELPDESK, reason="Wrong place", changes={"building": "Observatory"})
    assert found("observatory tap", PORTAL) == [ticket.pk]
    ticket.refresh_from_db()
    close_ticket(ticket, by=HELPDESK)
    assert (found("tap", PORTAL), found("tap")) == ([], [ticket.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('campus.repair', 'on', true)")
        cursor.execute("UPDATE tickets_ticket SET description = 'The sink leaks' WHERE id = %s", [ticket.pk])
    assert (found("tap"), found("sink")) == ([], [ticket.pk])


def test_word_in_very_many_tickets_is_not_ranked(other, monkeypatch):
    monkeypatch.setattr("tickets.search.MAX_HITS", 3)
    pks = [make_ticket(description="The lamp flickers").pk for _ in range(5)]
    rare = make_ticket(description="The lam flickers")
    hits = find_hits("lamp", DESK)
    assert (bool(hits.scan_query), hits.tiers) == (True, ())
    assert sorted(Ticket.objects.matching(hits).values_list("pk", flat=True)) == pks
    assert set(hits.known_ids) <= set(pks)
    assert find_hits("lam", DESK).tiers[0] == (rare.pk,)
    assert "whole words" in notices("lam")


@pytest.mark.parametrize("is_dense", [True, False])
def test_some_matching_finds_a_few_of_the_hits(other, is_dense):
    pks = [make_ticket(description="The lamp flickers").pk for _ in range(5)]
    known_ids = Ticket.objects.some_matching(Hits(scan_query="'lamp'", is_dense=is_dense), 3)
    found = set(known_ids.values_list("pk", flat=True))
    assert len(found) == 3
    assert found <= set(pks)
    assert not is_dense or found == set(pks[-3:])  # the newest


def test_misspelt_word_like_a_very_common_one_is_not_ranked(other, monkeypatch):
    monkeypatch.setattr("tickets.search.MAX_POSTINGS", 0)
    pks = [make_ticket(description="The projector hums").pk for _ in range(5)]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticketsearch")
    hits = find_hits("projectr", DESK)
    assert (bool(hits.scan_query), hits.tiers) == (True, ())
    assert sorted(Ticket.objects.matching(hits).values_list("pk", flat=True)) == pks
    assert "projectr" in notices("projectr")
