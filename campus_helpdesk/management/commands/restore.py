from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campus_helpdesk.operations.backups import BackupRefused, restore_backup


class Command(BaseCommand):
    help = "Restore the whole database from FILE. Refuses a damaged file, and a helpdesk that has tickets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace a helpdesk that has tickets")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        try:
            restore_backup(file.absolute(), force=force)
        except (BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Restored from {file}.")
