import random

import pytest

from incoming_mail.parsing import Kind, parse_mail
from incoming_mail.parsing.mail import plain_subject
from tests.support.mails import HELPDESK, MAIL_SERVER, PNG, mail, readable, refused

READABLE = {**readable.PERSONAL, **readable.HTML, **refused.REPORTS}


def parse(raw: bytes):
    return parse_mail(raw, own_address=HELPDESK, trusted_host=MAIL_SERVER)


@pytest.mark.parametrize("name", READABLE)
def test_mail_is_read_as_people_see_it(name):
    made = READABLE[name]
    found = parse(made.raw)
    values = {key: getattr(found, key) for key in made.expected}
    if "photos" in values:
        values["photos"] = len(found.photos)
    assert values == made.expected
    if "kind" not in made.expected:
        assert (found.kind, found.problem) == (Kind.PERSONAL, "")


def test_photo_is_read_byte_by_byte():
    assert [one.content for one in parse(readable.PERSONAL["photo alone"].raw).photos] == [PNG]


@pytest.mark.parametrize("name", refused.NOT_PERSONAL)
def test_mail_that_nobody_wrote_is_not_personal(name):
    kind, headers = refused.NOT_PERSONAL[name]
    assert parse(mail(**headers)).kind == kind


@pytest.mark.parametrize("name", refused.UNREADABLE)
def test_unreadable_mail_has_a_problem_or_no_sender(name):
    found = parse(refused.UNREADABLE[name])
    assert found.problem or not found.sender


@pytest.mark.parametrize("seed", range(40))
def test_no_bytes_raise(seed):
    """Real mails with bytes changed, cut and repeated."""
    source = random.Random(seed)
    raw = bytearray(source.choice([made.raw for made in READABLE.values()]))
    for _ in range(20):
        at = source.randrange(len(raw))
        change = source.choice(
            [b"", bytes([source.randrange(256)]), bytes(raw[at : at + 20]) * 2, b"\n", b"=?"]
        )
        raw[at : at + source.randrange(4)] = change
    found = parse(bytes(raw))
    texts = [found.text, found.new_text, found.subject, found.sender, found.sender_name, *found.recipients]
    texts += [found.message_id, *found.references, *found.bounced, *found.left_out]
    assert all("\0" not in text and text.encode() is not None for text in texts)


SLOW = {
    "tags": b"<" * 200_000,
    "declarations": b"<!" * 150_000,
    "comments": b"<!--" * 70_000,
    "ends": b"</a" * 90_000,
    "open elements": b"<div>" * 60_000,
    "quotes": b"> " * 200_000,
    "quoted lines": b"> a\n" * 60_000,
    "headings": b"On 2026 a@b.c " * 20_000,
    "senders": b"From: a\n" * 40_000,
    "quotes and answers": b"> a\nb\n" * 50_000,
    "headings of quotes": b"a.a@a." * 15_000 + b":\n> a\n",
    "signed": b"-----BEGIN PGP SIGNED MESSAGE-----\nA: a\n" * 5_000,
    "flowed": b"a \n" * 600_000,
    "short lines": b"a\n" * 150_000,
    "quotes in quotes": b"<blockquote>a" * 7_000,
    "pieces": b"a<b>" * 25_000,
    "spaces": b" " * 300_000 + b"x",
    "blank lines": b"\n" * 300_000 + b"x",
}


@pytest.mark.parametrize("kind", ["plain", "html"])
@pytest.mark.parametrize("name", SLOW)
def test_long_mail_is_read_in_time(name, kind, processor_seconds):
    with processor_seconds(3):
        parse(mail(SLOW[name], Content_Type=f"text/{kind}; format=flowed"))


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "References", "Authentication_Results"])
def test_long_header_is_read_in_time(name, processor_seconds):
    with processor_seconds(3):
        for text in ("(" * 100_000, "=?utf-8?q?" * 20_000, '"<,' * 50_000, "<a@b> " * 30_000):
            parse(mail(**{name: text}))


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: Lamp", "Lamp"),
        ("AW: WG: Lampe", "Lampe"),
        ("RE[2]: Lamp", "Lamp"),
        ("Research: no hits", "Research: no hits"),
        ("Fwd：灯", "灯"),
        ("Re:", ""),
    ],
)
def test_subject_loses_what_programs_put_before_it(subject, plain):
    assert plain_subject(subject) == plain
