from django.core.management.base import BaseCommand, CommandError

from campus_helpdesk.operations.integrity import check_invariants, one_snapshot


class Command(BaseCommand):
    help = (
        "Check in one read-only snapshot what must be true of all rows: one line per invariant with "
        "the number of rows that break it and the first five of them. Exit code 1 if there are any."
    )

    def handle(self, **options):
        broken = 0
        with one_snapshot():
            for finding in check_invariants():
                self.stdout.write(str(finding))
                self.stdout.flush()
                broken += bool(finding.violations)
        if broken:
            raise CommandError(f"{broken} invariants are broken.")
