"""A backup taken during writes, restored into an empty helpdesk."""

import csv
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.chaos.site import Site
from tests.support.chaos.write_log import WriteLog
from tests.support.chaos.writers import Writers

TICKETS, MESSAGES = 100_000, 300_000


def known_before(write_log: WriteLog) -> WriteLog:
    """A copy of the log: the writes acknowledged until now."""
    before = WriteLog()
    before.entries = list(write_log.entries)
    return before


def restore_to_empty(make_site, file: Path) -> Site:
    target = make_site()
    target.start("database")
    target.manage("restore", str(file))
    return target


@pytest.mark.parametrize(
    "is_full",
    [
        pytest.param(False, marks=pytest.mark.fault_fast),
        pytest.param(True, marks=pytest.mark.fault_full),
    ],
)
def test_backups_restore_completely_when_taken_during_writes(
    make_site, write_log, figures, tmp_path, is_full
):
    drills, count = (10, 20) if is_full else (1, 4)
    site, good, missing, broken = make_site(), 0, 0, 0
    site.start("database", "broker", "web")
    with Writers(site, write_log, count).running() as writers:
        for number in range(drills):
            writers.wait(100 if is_full else 20, 600)
            before, file = known_before(write_log), tmp_path / f"backup-{number}"
            site.manage("backup", str(file))
            writers.wait(1)
            target = restore_to_empty(make_site, file)
            lost = before.lost(target)
            wrong = target.violated_rules()
            missing, broken = missing + len(lost), broken + bool(wrong)
            good += not lost and not wrong
            print(f"drill {number}: acked before={len(before.entries)} lost={len(lost)}", *wrong)
            target.close()
    figures.record(
        "backups_restore",
        "drills under writers that restored all writes",
        good,
        goal=str(drills),
        is_met=good == drills,
    )
    figures.record(
        "backups_restore", "writes missing that preceded a backup", missing, goal="0", is_met=missing == 0
    )
    figures.record(
        "backups_restore", "restored databases that violate a rule", broken, goal="0", is_met=broken == 0
    )


@pytest.mark.fault_full
def test_backups_restore_a_hundred_thousand_tickets(make_site, figures, tmp_path):
    site = make_site()
    site.start("database")
    tickets, messages, file = tmp_path / "tickets.csv", tmp_path / "messages.csv", tmp_path / "backup"
    write_history(tickets, messages)
    site.manage("load_tickets", str(tickets), "--messages", str(messages))
    seconds = []
    for work in (lambda: site.manage("backup", str(file)), lambda: restore_to_empty(make_site, file)):
        began = time.monotonic()
        target = work()
        seconds.append(time.monotonic() - began)
    assert target.count("tickets_ticket") == TICKETS
    assert target.count("messaging_message") == MESSAGES
    assert not target.violated_rules()
    measured = " + ".join(f"{each:.0f}" for each in seconds)
    figures.record(
        "backups_restore",
        "100,000 tickets: backup + restore, s",
        measured,
        goal="<= 120",
        is_met=sum(seconds) <= 120,
    )


def write_history(tickets: Path, messages: Path) -> None:
    """One ticket every five minutes, each with three messages; a third each open, active and closed."""
    with tickets.open("w", newline="") as file, messages.open("w", newline="") as message_file:
        ticket_rows, message_rows = csv.writer(file), csv.writer(message_file)
        ticket_rows.writerow(["id", "body", "status", "category", "opened_at", "closed_at", "updated_at"])
        message_rows.writerow(["ticket_id", "author", "is_staff", "created_at", "body"])
        for pk in range(1, TICKETS + 1):
            opened = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * pk)
            status = ("open", "active", "closed")[pk % 3]
            category = ("facility", "it", "services")[pk % 3]
            last = opened + timedelta(hours=2)
            text = f"The lamp in room {pk} flickers, and the one beside it does so too since Monday"
            closed = last if status == "closed" else ""
            ticket_rows.writerow([pk, text, status, category, opened, closed, last])
            for number in range(MESSAGES // TICKETS):
                sent = opened + timedelta(minutes=10 * (number + 1))
                message_rows.writerow([pk, "Hedda", number % 2, sent, f"Message {number} about room {pk}"])
