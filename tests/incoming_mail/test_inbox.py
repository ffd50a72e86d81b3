"""A real IMAP server: what is taken in is put away, and nothing becomes two tickets."""

import imaplib
import os
import subprocess
import sys
from itertools import count

import pytest
from django.conf import settings as project
from django.db import OperationalError

from incoming_mail import inbox
from incoming_mail.models import IncomingMail, State
from incoming_mail.receiving import receive
from incoming_mail.tasks import poll_inbox
from tests.support.databases import environment_on_database
from tests.support.imap_server import DOVECOT, PASSWORD, MailServer, mail_server
from tests.support.mails import mail
from tests.support.processes import wait_until
from tickets.models import Ticket

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("inbox"),
    pytest.mark.skipif(not DOVECOT and not os.environ.get("REQUIRE_BROWSER"), reason="no dovecot here"),
]


numbers = count()


@pytest.fixture(scope="module")
def server():
    with mail_server() as running:
        yield running


@pytest.fixture
def mailbox(server, settings) -> MailServer:
    """The site's, empty."""
    mine = MailServer(server.port, f"user{next(numbers)}")
    settings.INBOX_URL = mine.url
    return mine


def letters(count: int) -> list[bytes]:
    return [mail(Message_ID=f"<{number}@x>") for number in range(count)]


def test_mails_are_taken_in_and_moved(mailbox):
    mailbox.deliver(*letters(3), b"\0 nonsense", mail(Auto_Submitted="auto-replied", Message_ID="<a@x>"))
    poll_inbox()
    assert (mailbox.count("INBOX"), mailbox.count("Processed")) == (0, 5)
    assert Ticket.objects.count() == 3
    assert sorted(row.state for row in IncomingMail.objects.all()) == ["done"] * 3 + ["ignored", "set_aside"]


def test_without_a_mailbox_nothing_is_polled(settings):
    settings.INBOX_URL = ""
    poll_inbox()


@pytest.mark.parametrize("capability", ["IMAP4rev1 UIDPLUS", "IMAP4rev1"])
def test_server_that_cannot_move(settings, capability):
    with mail_server(capability) as old:
        settings.INBOX_URL = old.url
        old.deliver(*letters(2))
        assert [inbox.poll(), inbox.poll()] == [2, 0]
        remaining = (old.count("INBOX"), old.count("INBOX", "UNSEEN"), old.count("Processed"))
    assert remaining == ((0, 0, 2) if "UIDPLUS" in capability else (2, 0, 0))


def test_mail_that_cannot_be_moved_is_marked_and_nothing_new(mailbox, monkeypatch):
    mailbox.deliver(*letters(1))
    with monkeypatch.context() as patched:
        patched.setattr(inbox.Mailbox, "find_archive", lambda self: "no/such\x7f/folder")
        assert [inbox.poll(), inbox.poll()] == [1, 1]
    assert mailbox.count("INBOX", "SEEN") == 1
    assert inbox.poll() == 1
    assert (Ticket.objects.count(), mailbox.count("INBOX"), mailbox.count("Processed")) == (1, 0, 1)


def test_too_large_mail_is_fetched_in_part(mailbox, monkeypatch):
    monkeypatch.setattr(inbox, "MAX_MAIL_BYTES", 100_000)
    monkeypatch.setattr("incoming_mail.receiving.MAX_MAIL_BYTES", 100_000)
    monkeypatch.setattr("incoming_mail.refusals.MAX_MAIL_BYTES", 100_000)
    mailbox.deliver(mail("word\n" * 50_000))
    inbox.poll()
    row = IncomingMail.objects.get()
    assert (row.state, len(row.raw), mailbox.count("INBOX")) == (State.REFUSED, 64 * 1024, 0)


def test_outage_leaves_the_mails_in_the_mailbox(mailbox, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    mailbox.deliver(*letters(2))
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "receive", fail)
        assert inbox.poll() == 0
    assert mailbox.count("INBOX", "UNSEEN") == 2
    assert inbox.poll() == 2


def test_mail_that_cannot_be_stored_holds_up_no_other(mailbox, monkeypatch):
    def fail_at_first(raw, **kwargs):
        if b"<0@x>" in raw:
            raise OperationalError
        return receive(raw, **kwargs)

    mailbox.deliver(*letters(3))
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "receive", fail_at_first)
        assert inbox.poll() == 2
    assert mailbox.count("INBOX") == 1
    assert inbox.poll() == 1


def test_mail_at_which_the_server_ends_the_connection_holds_up_no_other(mailbox, monkeypatch):
    fetch = inbox.Mailbox.fetch

    def end_at_first(self, uid):
        if uid == "1":
            raise imaplib.IMAP4.abort("FETCH failed")
        return fetch(self, uid)

    mailbox.deliver(*letters(3))
    monkeypatch.setattr(inbox.Mailbox, "fetch", end_at_first)
    assert (inbox.poll(), mailbox.count("INBOX"), inbox.find_failure()) == (2, 1, None)


def test_mails_that_cannot_be_moved_come_after_new_ones(mailbox, monkeypatch):
    monkeypatch.setattr(inbox.Mailbox, "find_archive", lambda self: "no/such\x7f/folder")
    mailbox.deliver(*letters(2))
    inbox.poll()
    mailbox.deliver(mail(Message_ID="<new@x>"))
    with inbox.open_mailbox(mailbox.url) as opened:
        assert opened.waiting() == ["3", "1", "2"]


def test_news_of_other_mails_are_no_answer(mailbox, monkeypatch):
    ask = inbox.Mailbox.ask

    def ask_with_news(self, *words):
        news = [b"7 (FLAGS (\\Seen))"] if "FETCH" in words else []
        return news + ask(self, *words) + news

    monkeypatch.setattr(inbox.Mailbox, "ask", ask_with_news)
    mailbox.deliver(*letters(1))
    assert inbox.poll() == 1


def test_name_of_the_user_may_hold_any_letter(settings, server):
    mine = MailServer(server.port, "first last")
    settings.INBOX_URL = mine.url.replace(" ", "%20")
    with inbox.open_mailbox(settings.INBOX_URL) as opened:
        assert opened.archive


def test_password_that_the_server_repeats_is_not_told(settings):
    settings.INBOX_URL = "imaps://helpdesk:hunter%202@mail.example.edu/"
    failure = imaplib.IMAP4.error('LOGIN command error: BAD [b"helpdesk hunter 2"]')
    assert inbox.reason_of(failure) == 'LOGIN command error: BAD [b"helpdesk [password]"]'


def test_mailbox_that_is_away_is_logged_without_its_password(settings, caplog, server):
    settings.INBOX_URL = "imap://helpdesk:hunter2@127.0.0.1:1/"
    assert inbox.poll() == 0
    settings.INBOX_URL = f"imap://helpdesk:hunter2@127.0.0.1:{server.port}/"
    assert inbox.poll() == 0
    assert caplog.text.count("the mailbox cannot be read") == 2
    assert "hunter2" not in caplog.text
    assert PASSWORD not in caplog.text
    assert "hunter2" not in inbox.find_failure().failure
    settings.INBOX_URL = server.url
    inbox.poll()
    assert inbox.find_failure() is None


POLL = "import django; django.setup(); from incoming_mail.inbox import poll; print(poll())"


@pytest.mark.django_db(transaction=True)
def test_killed_between_storing_and_moving_makes_nothing_twice(mailbox, tmp_path):
    mailbox.deliver(*letters(2))
    (tmp_path / "mail-stored").touch()
    values = {"FAULTS": "1", "FAULTS_FOLDER": str(tmp_path), "INBOX_URL": mailbox.url}
    environment = environment_on_database(**values, DJANGO_SETTINGS_MODULE="campus_helpdesk.settings")
    process = subprocess.Popen([sys.executable, "-c", POLL], cwd=project.BASE_DIR, env=environment)
    wait_until(lambda: (tmp_path / f"mail-stored.{process.pid}").exists(), 30)
    process.kill()
    process.wait()
    assert (Ticket.objects.count(), mailbox.count("INBOX")) == (1, 2)
    wait_until(lambda: inbox.poll() == 2)
    assert (Ticket.objects.count(), mailbox.count("INBOX"), mailbox.count("Processed")) == (2, 0, 2)
