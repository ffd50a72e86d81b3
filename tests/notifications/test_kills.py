"""A sender that is killed loses nothing, and sends twice only what the server accepted just before."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db.models.functions import Now

from messaging.actions import post_message
from notifications.models import Delivery, State
from notifications.sending import send_due
from tests.support.factories import HELPDESK, make_ticket
from tests.support.mail_servers import mail_server, make_subscription
from tests.support.processes import wait_until
from tests.support.triage_models import database_address

SENDER = "import django; django.setup(); from notifications.sending import send_due; send_due()"
HOOKS = ["before_mail", "after_mail_before_mark"]


@pytest.fixture
def kill_at(tmp_path, settings) -> Callable[[str], None]:
    def kill(hook: str) -> None:
        """Starts a sender, and kills it when it arrives there."""
        (tmp_path / hook).touch()
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "campus_helpdesk.settings",
            "DATABASE_URL": database_address(),
            "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
            "FAULTS": "1",
            "FAULTS_FOLDER": str(tmp_path),
        }
        with subprocess.Popen([sys.executable, "-c", SENDER], cwd=site.BASE_DIR, env=environment) as sender:
            wait_until(lambda: any(tmp_path.glob(f"{hook}.*")))
            sender.send_signal(signal.SIGKILL)
        forget(tmp_path)

    return kill


def forget(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


@pytest.mark.django_db(transaction=True)
def test_killed_sender_loses_nothing_and_repeats_only_what_it_could_not_mark(settings, kill_at):
    for number in range(3):
        ticket = make_ticket()
        make_subscription(ticket, f"{number}@example.edu", browser=f"browser {number}")
        post_message(ticket, by=HELPDESK, body="On the way")
    with mail_server(settings) as mailbox:
        for hook in HOOKS:
            Delivery.objects.waiting().update(next_try_at=Now())  # as if the lease had ended
            kill_at(hook)
        Delivery.objects.waiting().update(next_try_at=Now())
        wait_until(send_due)  # once the server has noticed that the sender is gone
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
    numbers = [mail["Message-ID"] for mail in mailbox.mails]
    assert (len(numbers), len(set(numbers))) == (4, 3)
    assert set(numbers) == set(Delivery.objects.values_list("message_id", flat=True))
