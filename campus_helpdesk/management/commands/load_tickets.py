"""Bulk import of history from CSV files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campus_helpdesk.imports.categorize import use_given_category
from campus_helpdesk.imports.files import (
    find_greatest_id,
    open_messages,
    open_tickets,
    read_messages,
    read_tickets,
)
from campus_helpdesk.imports.import_errors import ImportErrors, ImportRefused
from campus_helpdesk.imports.load import ImportCounts, load_history
from tickets.learning.active_model import get_active_model

MAX_IDS_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Import tickets from a CSV file (id, title, body or description, status, category, "
        "opened_at, closed_at, updated_at, building, room) and their messages from another (ticket_id, "
        "author, is_staff, created_at, body, is_internal). All or nothing. Columns may be separated by "
        "commas, semicolons or tabs; the encoding is UTF-8, UTF-16 with a byte order mark, or Windows-1252. "
        "Times of activation, which the files lack, are those of the helpdesk's first message."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tickets", type=Path)
        parser.add_argument("--messages", type=Path)

    def handle(self, *, tickets: Path, messages: Path | None, **options: Any) -> None:
        try:
            self.report(self.load(tickets, messages))
        except (ImportRefused, OSError) as error:
            raise CommandError(f"Nothing was imported. {error}") from None

    def load(self, tickets: Path, messages: Path | None) -> ImportCounts:
        """Raises ImportRefused, OSError."""
        errors = ImportErrors()
        files = [open_tickets(tickets, errors), open_messages(messages, errors) if messages else None]
        for file in filter(None, files):
            self.print_progress(f"{file}")
        ticket_file, message_file = files
        return load_history(
            read_tickets(ticket_file, errors) if ticket_file else [],
            read_messages(message_file, errors) if message_file else [],
            greatest_id=find_greatest_id(ticket_file) if ticket_file else 0,
            categorize=use_given_category(get_active_model()),
            errors=errors,
            report=self.print_progress,
        )

    def report(self, loaded: ImportCounts) -> None:
        if loaded.skipped:
            self.print_progress(f"{loaded.skipped:,} tickets already existed and were skipped")
        if loaded.others:
            shown = ", ".join(map(str, loaded.others[:MAX_IDS_SHOWN]))
            more = len(loaded.others) - MAX_IDS_SHOWN
            self.print_progress(
                f"{len(loaded.others):,} of these ids belong to different tickets and were not imported: "
                + shown
                + (f" and {more:,} more" if more > 0 else "")
            )
        self.print_progress(
            f"loaded {loaded.tickets} tickets, {loaded.messages} messages "
            f"in {loaded.seconds:.1f} s ({loaded.rate:.0f} tickets/s)"
        )

    def print_progress(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
