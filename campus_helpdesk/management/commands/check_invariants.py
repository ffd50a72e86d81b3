from django.core.management.base import BaseCommand, CommandError

from campus_helpdesk.operations.integrity import check_invariants, one_snapshot


class Command(BaseCommand):
    help = (
        "Check what must be true of all rows, in one snapshot, reading only: a line for each invariant with "
        "the number of rows that break it and the first five. Exit code 1 where there are any."
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
