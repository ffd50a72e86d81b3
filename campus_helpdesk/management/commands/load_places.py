from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import Invalid
from common.roles import Caller, Role
from places.csv_import import FORMAT, read_places
from tickets.place_actions import import_places


class Command(BaseCommand):
    help = f"Add or change buildings and rooms from a CSV file, all or none. {FORMAT}"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            count = import_places(
                read_places(file.read_bytes()), by=Caller(Role.HELPDESK, name="load_places")
            )
        except Invalid as refusal:
            lines = "\n".join(text for texts in refusal.errors.values() for text in texts)
            raise CommandError(f"Nothing was imported.\n{lines}") from None
        except OSError as error:
            raise CommandError(f"Nothing was imported. {error}") from None
        self.stdout.write(f"{count} places imported.")
