from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.redaction import OUTSIDE
from messaging.retention import Busy, count_due, remove_old_texts


class Command(BaseCommand):
    help = (
        "Remove every text, name, photo and follower of the tickets that were closed longer ago than some "
        "months. Cannot be undone. Timestamps, buildings, categories, statuses, verbs of the history and "
        f"counts stay: every analysis stays the same. {OUTSIDE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months",
            type=int,
            default=settings.RETAIN_MONTHS,
            help="how long closed tickets keep their texts; without it RETAIN_MONTHS",
        )
        parser.add_argument("--dry-run", action="store_true", help="change nothing, only count what would go")

    def handle(self, *, months: int | None, dry_run: bool, **options: Any) -> None:
        if months is None or not 1 <= months <= 999:
            raise CommandError("--months needs a number from 1 to 999; RETAIN_MONTHS is not set.")
        if dry_run:
            self.write_counts("Would be removed:", count_due(months))
            return
        total = Counter[str]()
        try:
            for counts in remove_old_texts(months):
                total += counts
                self.stdout.write(f"{total['tickets']:,} tickets ...")
        except Busy as busy:
            raise CommandError(str(busy)) from None
        self.write_counts("Removed:", total)

    def write_counts(self, title: str, counts: Counter[str]) -> None:
        found = +counts  # without those that are zero
        self.stdout.write(title if found else "Nothing is due.")
        for kind, count in found.items():
            self.stdout.write(f"{count:>12,} {kind}")
