from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campus_helpdesk.operations.integrity import check_integrity, one_snapshot


class Command(BaseCommand):
    help = (
        "Check the integrity rules of all rows in one read-only snapshot: one line per rule with the number "
        "of rows that violate it and the first five of them. Exit code 1 if there are any."
    )

    def handle(self, **options: Any) -> None:
        violated = 0
        with one_snapshot():
            for finding in check_integrity():
                self.stdout.write(str(finding))
                self.stdout.flush()
                violated += bool(finding.violations)
        if violated:
            raise CommandError(f"{violated} integrity rules are violated.")
