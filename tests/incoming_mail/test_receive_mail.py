"""The command as a mail server runs it: a process of its own, which may be killed at any point."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import ProgrammingError

from incoming_mail.management.commands import receive_mail
from incoming_mail.models import IncomingMail
from tests.support.databases import environment_on_database
from tests.support.mails import mail, multipart, photo, plain
from tests.support.processes import wait_until
from tickets.models import Ticket


def start(raw: bytes, **values: str) -> subprocess.Popen:
    with tempfile.TemporaryFile() as stream:
        stream.write(raw)
        stream.seek(0)
        return subprocess.Popen(
            [sys.executable, "manage.py", "receive_mail"],
            cwd=settings.BASE_DIR,
            env=environment_on_database(**values),
            stdin=stream,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


def kill_at(hook: str, raw: bytes, folder: Path) -> None:
    (folder / hook).touch()
    process = start(raw, FAULTS="1", FAULTS_FOLDER=str(folder))
    wait_until(lambda: (folder / f"{hook}.{process.pid}").exists(), 30)
    process.kill()
    process.communicate()
    (folder / hook).unlink()


@pytest.mark.django_db(transaction=True)
def test_mail_becomes_one_ticket_wherever_its_process_is_killed(tmp_path):
    raw = multipart("mixed", plain(), photo())
    kill_at("mail-taken-in", raw, tmp_path)
    wait_until(lambda: not IncomingMail.objects.exists() and not Ticket.objects.exists())
    kill_at("mail-stored", raw, tmp_path)
    ticket = Ticket.objects.get()
    process = start(raw)
    output, _ = process.communicate()
    assert (process.returncode, output.decode()) == (0, f"Ticket {ticket.pk}\n")
    assert (Ticket.objects.get(), IncomingMail.objects.get().ticket, ticket.photos.count()) == (
        ticket,
    ) * 2 + (1,)


def test_mail_is_kept_by_the_mail_server_while_the_database_is_away(db):
    process = start(mail(), DATABASE_URL="postgres://nobody@127.0.0.1:1/none")
    _, errors = process.communicate()
    assert (process.returncode, errors.decode()) == (75, "Try again later: OperationalError\n")


def test_mail_is_kept_by_the_mail_server_at_any_other_failure(monkeypatch, capsys):
    def fail(raw: bytes):
        raise ProgrammingError("no such table")

    monkeypatch.setattr(receive_mail, "receive", fail)
    monkeypatch.setattr(receive_mail, "read_mail", lambda stream: mail())
    with pytest.raises(SystemExit) as stopped:
        call_command("receive_mail")
    assert (stopped.value.code, capsys.readouterr().err) == (75, "Try again later: ProgrammingError\n")


def test_all_of_a_mail_is_read_and_no_more_stored_than_may_be(tmp_path, monkeypatch):
    monkeypatch.setattr(receive_mail, "MAX_MAIL_BYTES", 10)
    (tmp_path / "mail").write_bytes(b"x" * 100)
    with (tmp_path / "mail").open("rb") as stream:
        assert receive_mail.read_mail(stream) == b"x" * 11
        assert stream.read() == b""
