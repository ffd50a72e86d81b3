"""A mailbox that is emptied by processes which are killed at any moment."""

import random
import subprocess
import sys
import time

import pytest
from django.conf import settings

from incoming_mail.models import IncomingMail
from tests.support.databases import environment_on_database
from tests.support.imap_server import DOVECOT, mail_server
from tests.support.mails import mail
from tests.support.processes import wait_until
from tickets.models import Ticket

POLL = "import django; django.setup(); from incoming_mail.inbox import poll\nwhile True: poll()"
MAILS, KILLS = 100, 20


@pytest.mark.fault_full
@pytest.mark.skipif(not DOVECOT, reason="no dovecot here")
@pytest.mark.django_db(transaction=True)
def test_mails_once_while_their_readers_are_killed(figures):
    source = random.Random(20)
    with mail_server() as mailbox:
        mailbox.deliver(*(mail(From=f"u{n}@example.edu", Message_ID=f"<{n}@x>") for n in range(MAILS)))
        for _ in range(KILLS):
            kill_reader(mailbox.url, after=source.randint(1, 4), seconds=source.uniform(0, 0.05))
        read_rest(mailbox.url)
        left = mailbox.count("INBOX")
    found = [MAILS - IncomingMail.objects.count(), Ticket.objects.count() - MAILS, left]
    figures.record("mails_once", "mails lost, doubled, left", found, goal="0", is_met=not any(found))


def start_reader(url: str) -> subprocess.Popen:
    values = {"INBOX_URL": url, "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings"}
    command = [sys.executable, "-c", POLL]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment_on_database(**values))


def kill_reader(url: str, *, after: int, seconds: float) -> None:
    """after: so many mails, and then these seconds."""
    before = IncomingMail.objects.count()
    reader = start_reader(url)
    wait_until(lambda: IncomingMail.objects.count() >= min(before + after, MAILS), 60)
    time.sleep(seconds)
    reader.kill()
    reader.wait()


def read_rest(url: str) -> None:
    reader = start_reader(url)
    wait_until(lambda: IncomingMail.objects.count() >= MAILS, 60)
    time.sleep(2)  # for a turn in which nothing may come in twice
    reader.kill()
    reader.wait()
