from functools import partial

import pytest
from django.db import OperationalError
from django.utils import timezone

from incoming_mail import receiving, refusals
from incoming_mail.addresses import make_message_id, make_reply_address
from incoming_mail.models import IncomingMail, State
from incoming_mail.receiving import receive
from incoming_mail.refusals import TooManyMails
from messaging.attachments.models import Attachment
from messaging.models import Message
from tests.support.factories import make_ticket
from tests.support.mails import mail, multipart, photo, refused
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inbox", "own_storage")]


def count_written() -> tuple[int, int]:
    return Ticket.objects.count(), Message.objects.count()


AUTHENTICATED = {
    "dmarc": ("mx.example.edu; dmarc=pass (p=none) header.from=example.edu", True),
    "dkim": ("mx.example.edu 1; spf=fail; dkim=pass header.d=example.edu", True),
    "spf": ("mx.example.edu; spf=pass smtp.mailfrom=bounce@example.edu", True),
    "of another domain": ("mx.example.edu; dkim=pass header.d=example.org; dmarc=fail", False),
    "failed": ("mx.example.edu; dmarc=fail header.from=example.edu", False),
    "of another server": ("mx.evil.example; dmarc=pass header.from=example.edu", False),
    "in a comment": ("mx.example.edu; dmarc=fail (dmarc=pass header.from=example.edu)", False),
    "in comments in each other": (
        "mx.example.edu; dmarc=fail (a (b); dmarc=pass header.from=example.edu ; c)",
        False,
    ),
    "in a quoted name": (
        'mx.example.edu; spf=pass smtp.mailfrom="a; dmarc=pass header.from=example.edu x"@evil.example',
        False,
    ),
    "beside a backslash": (
        r'mx.example.edu; spf=pass smtp.mailfrom="\"; dmarc=pass header.from=example.edu \""@evil.example',
        False,
    ),
    "below one with a comment that never ends": (
        "mx.example.edu; dmarc=fail (\n"
        "Authentication-Results: mx.example.edu; dmarc=pass header.from=example.edu",
        False,
    ),
    "below the server's own": (
        "mx.example.edu; dmarc=fail\n"
        "Authentication-Results: mx.example.edu; dmarc=pass header.from=example.edu",
        False,
    ),
}


@pytest.mark.parametrize("name", AUTHENTICATED)
def test_sender_is_confirmed_by_the_trusted_server_only(name):
    result, is_confirmed = AUTHENTICATED[name]
    assert receive(mail(Authentication_Results=result)).is_confirmed == is_confirmed


@pytest.mark.parametrize("subject", ["Re:", "Fwd: AW: ", "\u200b", None])
def test_mail_of_nothing_is_set_aside_for_that(subject):
    row = receive(mail("", Subject=subject))
    assert (row.state, row.reason) == (State.SET_ASIDE, refusals.EMPTY)


def test_too_large_mail_is_refused_with_its_beginning(monkeypatch):
    monkeypatch.setattr(receiving, "MAX_MAIL_BYTES", 100_000)
    monkeypatch.setattr(refusals, "MAX_MAIL_BYTES", 100_000)
    row = receive(mail("word " * 30_000))
    assert (row.state, row.subject, len(row.raw)) == (State.REFUSED, "Lamp in H 204", receiving.BEGINNING)
    assert count_written() == (0, 0)


def send(number: int, **headers: str) -> IncomingMail:
    return receive(mail(Message_ID=f"<{number}@x>", **headers))


def test_twenty_mails_an_hour_by_one_sender_are_taken():
    states = [send(number).state for number in range(22)]
    assert states == [State.DONE] * 20 + [State.REFUSED] * 2
    assert send(30, From="otto@example.edu").state == State.DONE
    IncomingMail.objects.update(received_at=timezone.now() - refusals.RATE_TIME)
    assert send(40).state == State.DONE


def test_mails_too_many_of_one_sender_hold_up_no_other(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_BY_SENDER", 1)
    monkeypatch.setattr(refusals, "MAX_IN_ALL", 2)
    monkeypatch.setattr(receiving, "BEGINNING", 100)
    assert [send(number).state for number in range(4)] == [State.DONE] + [State.REFUSED] * 3
    assert len(IncomingMail.objects.first().raw) == 100
    assert send(4, From="otto@example.edu").state == State.DONE


def test_photos_of_a_mail_too_many_are_not_stored(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_BY_SENDER", 1)
    send(1)
    row = receive(multipart("mixed", photo(), Message_ID="<2@x>"))
    assert (row.state, Attachment.objects.count()) == (State.REFUSED, 0)


def test_above_the_rate_of_all_the_mail_server_keeps_the_mail(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_IN_ALL", 2)
    send(1), send(2)
    with pytest.raises(TooManyMails):
        send(3)
    assert IncomingMail.objects.count() == 2


def test_above_the_bytes_of_all_the_mail_server_keeps_the_mail(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_BYTES_IN_ALL", 300)
    send(1), send(2)
    with pytest.raises(TooManyMails):
        send(3)


def test_error_sets_the_mail_aside_and_lets_the_next_one_through(monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(receiving, "open_ticket", fail)
        row = send(1)
    assert (row.state, row.reason, row.sender) == (State.SET_ASIDE, receiving.FAILED, "ursula@example.edu")
    assert send(2).state == State.DONE


def test_what_the_database_does_not_take_is_kept_as_bytes(monkeypatch):
    broken = partial(IncomingMail, subject="\0")
    monkeypatch.setattr(receiving, "make_row", lambda mail, raw, identity: broken(identity=identity, raw=raw))
    row = send(1)
    row.refresh_from_db()
    assert (row.state, bytes(row.raw)) == (State.SET_ASIDE, mail(Message_ID="<1@x>"))


def test_outage_stores_nothing(monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr(receiving, "post_message", fail)
    ticket = make_ticket()
    with pytest.raises(OperationalError):
        receive(mail(To=make_reply_address(ticket.pk)))
    assert (IncomingMail.objects.count(), count_written()) == (0, (1, 0))


def test_no_program_that_answers_a_ticket_writes_a_message(monkeypatch):
    monkeypatch.setattr(refusals, "MAX_BY_SENDER", 1000)
    ticket = make_ticket()
    answer = {"To": make_reply_address(ticket.pk), "In_Reply_To": make_message_id(ticket.pk, "a", "x")}
    for number, (_, headers) in enumerate(refused.NOT_PERSONAL.values()):
        assert send(number, **(answer | headers)).state == State.IGNORED
    assert count_written() == (1, 0)


def test_program_that_answers_as_a_person_does_is_stopped():
    ticket = make_ticket()
    rows = [send(number, To=make_reply_address(ticket.pk)) for number in range(25)]
    assert [row.state for row in rows] == [State.DONE] * 20 + [State.REFUSED] * 5
    assert count_written() == (1, 20)
