"""Bulk import of history from CSV files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from campus_helpdesk.history_import.checks import ImportRefused
from campus_helpdesk.history_import.files import read_messages, read_tickets
from campus_helpdesk.history_import.filing import keep_given
from campus_helpdesk.history_import.load import load_history
from tickets.learning.running import running_model


class Command(BaseCommand):
    help = (
        "Import tickets of the past from a CSV file (id, title, body or description, status, category, "
        "opened_at, closed_at, updated_at, building, room) and their messages from another (ticket_id, "
        "author, is_staff, created_at, body, is_internal). All or nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("tickets", type=Path)
        parser.add_argument("--messages", type=Path)

    def handle(self, *, tickets: Path, messages: Path | None, **options):
        try:
            loaded = load_history(
                read_tickets(tickets),
                read_messages(messages) if messages else [],
                file_ticket=keep_given(running_model()),
                tell=self.tell,
            )
        except (ImportRefused, OSError) as fault:
            raise CommandError(f"Nothing was imported. {fault}") from None
        if loaded.skipped:
            self.tell(f"{loaded.skipped:,} tickets were there already and were left alone")
        self.tell(
            f"loaded {loaded.tickets} tickets, {loaded.messages} messages "
            f"in {loaded.seconds:.1f} s ({loaded.rate:.0f} tickets/s)"
        )

    def tell(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
