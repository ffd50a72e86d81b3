from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from incoming_mail.addresses import make_reply_address
from incoming_mail.models import IncomingMail, State
from incoming_mail.receiving import receive
from incoming_mail.redaction import BLANK, forget_old_mails
from tests.support.factories import HELPDESK
from tests.support.mails import mail
from tickets.actions import activate_ticket, close_ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inbox")]


def is_blank(row: IncomingMail) -> bool:
    row.refresh_from_db()
    return {name: getattr(row, name) for name in BLANK} == BLANK


def test_redacting_a_ticket_blanks_its_mails():
    first, kept = receive(mail("hunter2")), receive(mail(Message_ID="<2@x>"))
    answer = receive(mail("Again hunter2", Message_ID="<3@x>", To=make_reply_address(first.ticket.pk)))
    call_command("redact", first.ticket.pk, reason="a password")
    assert [is_blank(row) for row in (first, answer, kept)] == [True, True, False]
    assert receive(mail("hunter2")) == first


def test_old_mails_are_forgotten_when_nobody_needs_them(settings):
    done, closed = receive(mail()), receive(mail(Message_ID="<2@x>"))
    ignored, aside = receive(mail(Auto_Submitted="auto-replied", Message_ID="<3@x>")), receive(mail(From="x"))
    close_ticket(activate_ticket(closed.ticket, by=HELPDESK), by=HELPDESK)
    assert forget_old_mails() == 0
    IncomingMail.objects.update(received_at=timezone.now() - timedelta(days=settings.INBOX_DAYS + 1))
    settings.INBOX_DAYS = 0  # a ticket that was closed a moment ago is closed for long enough
    assert forget_old_mails() == 2
    assert forget_old_mails() == 0
    assert [is_blank(row) for row in (done, closed, ignored, aside)] == [False, True, True, False]
    assert (done.raw, done.sender, aside.state) == (None, "ursula@example.edu", State.SET_ASIDE)
    assert bytes(aside.raw) == mail(From="x")
