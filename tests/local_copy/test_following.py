"""The workers' copy of the facts against the real API: it follows every change."""

import random
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from analytics_workers.facts_copy import local_copy
from analytics_workers.facts_copy.local_copy import LocalCopy
from tests.support.factories import HELPDESK, USER, make_ticket, shift
from tickets.actions import activate_ticket, close_ticket, edit_ticket
from tickets.following.actions import give_feedback
from tickets.following.models import SecretLink
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


def test_copy_follows_every_change(desk, monkeypatch):
    monkeypatch.setattr(local_copy, "COMPARE_EVERY", 0)
    chance = random.Random(20)
    assert desk.check() == ["all"]
    for _ in range(12):
        for _ in range(chance.randrange(6)):
            change_something(chance)
        assert desk.check() == ["changes"]
        assert desk.queries[-1]["with_checksum"] == "true"


def change_something(chance: random.Random) -> None:
    ticket = chance.choice([None, *Ticket.objects.exclude(status="closed")])
    if chance.random() < 0.2:
        answer_something(chance)
    elif ticket is None or chance.random() < 0.4:
        shift(
            make_ticket(building=chance.choice(["", "Mensa", 'Größe, "A"'])), timedelta(days=chance.random())
        )
    elif ticket.status == "open":
        activate_ticket(ticket, by=HELPDESK)
    elif chance.random() < 0.5:
        edit_ticket(
            ticket, by=USER, version=ticket.version, changes={"building": f"House {chance.randrange(3)}"}
        )
    else:
        close_ticket(ticket, by=HELPDESK)


def answer_something(chance: random.Random) -> None:
    if tickets := list(Ticket.objects.order_by("pk")):
        link = SecretLink(ticket=chance.choice(tickets))
        give_feedback(link, is_solved=chance.choice(["yes", "no"]), comment="")


def test_copy_follows_the_answer_about_a_closed_ticket(follows):
    give_feedback(SecretLink(ticket=Ticket.objects.get(status="closed")), is_solved="no", comment="")
    assert follows.check() == ["changes"]
    assert sorted(follows.read()["solved"]) == ["", "", "", "no"]


def test_copy_is_not_written_while_nothing_changes(follows):
    written = follows.file.stat().st_mtime_ns
    assert follows.check() == ["changes"]
    assert follows.file.stat().st_mtime_ns == written


def test_copy_is_not_written_for_one_change_in_a_hundred(desk):
    tickets = [make_ticket() for _ in range(150)]
    desk.check()
    written = desk.file.stat().st_mtime_ns
    activate_ticket(tickets[5], by=HELPDESK)
    assert desk.check() == ["changes"]
    assert desk.file.stat().st_mtime_ns == written
    activate_ticket(tickets[6], by=HELPDESK)
    assert desk.check() == ["changes"]
    assert desk.file.stat().st_mtime_ns != written


def test_copy_includes_what_an_older_transaction_commits_later(follows):
    """The token is the oldest transaction still running, not the newest that has ended."""
    has_written, may_commit = threading.Event(), threading.Event()

    def work_slowly() -> None:
        with transaction.atomic():
            make_ticket(building="Slow")
            has_written.set()
            may_commit.wait(10)
        connection.close()

    slow = threading.Thread(target=work_slowly)
    slow.start()
    assert has_written.wait(10)
    make_ticket(building="Quick")
    assert follows.check() == ["changes"]
    may_commit.set()
    slow.join()
    assert follows.check() == ["changes"]
    assert set(follows.read()["building"]) == {"Library", "Slow", "Quick"}


def test_copy_is_compared_once_per_process(follows):
    follows.read()
    assert "with_checksum" not in follows.queries[-1]
    follows.copy = LocalCopy(follows.settings.facts_folder, follows.settings.api_url)
    follows.read()
    assert follows.queries[-1]["with_checksum"] == "true"
    follows.read()
    assert "with_checksum" not in follows.queries[-1]


def test_copy_is_compared_again_after_the_clock_was_set_back(follows, monkeypatch):
    now = time.time()
    monkeypatch.setattr(local_copy, "time", SimpleNamespace(time=lambda: now - 86400))
    follows.read()
    assert follows.queries[-1]["with_checksum"] == "true"
    follows.read()
    assert "with_checksum" not in follows.queries[-1]
