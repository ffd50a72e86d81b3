from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campus_helpdesk.operations.backups import BackupRefused, write_backup


class Command(BaseCommand):
    help = "Write the whole database to FILE, from one snapshot, with a checksum."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            size = write_backup(file.absolute())
        except (BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{file}: {size:,} bytes")
