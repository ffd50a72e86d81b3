"""The demo campus: two years of made-up tickets, written by the import."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from campus_helpdesk.demo.campus import generate
from campus_helpdesk.demo.feedback import give_answers
from campus_helpdesk.demo.pins import is_untouched, pin_favourites
from campus_helpdesk.demo.places import keep_places
from campus_helpdesk.imports.categorize import simulate_corrections
from campus_helpdesk.imports.checks import MIN_YEAR
from campus_helpdesk.imports.import_errors import ImportErrors
from campus_helpdesk.imports.load import load_history


class Command(BaseCommand):
    help = "Create the demo campus: equal values of tickets, seed and until give the same campus."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, default=600, help="how many (default 600)")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another campus (default 1)")
        parser.add_argument(
            "--until",
            type=date.fromisoformat,
            default=None,
            help="the day (UTC) before which everything happens; today by default",
        )

    def handle(self, *, tickets: int, seed: int, until: date | None, **options: Any) -> None:
        today = datetime.now(UTC).date()
        check_arguments(tickets, until or today, today)
        campus = partial(generate, tickets, seed, until or today)
        is_first = is_untouched()
        loaded = load_history(
            # Generated twice rather than stored: the generator is fast and deterministic.
            (ticket for ticket, _messages in campus()),
            (message for _ticket, messages in campus() for message in messages),
            greatest_id=tickets,
            categorize=simulate_corrections,
            errors=ImportErrors(),
        )
        if is_first and loaded.tickets:
            pin_favourites()
            keep_places()
            give_answers(seed, until or today)
        if loaded.skipped:
            self.stdout.write(f"{loaded.skipped:,} tickets already existed and were skipped")
        self.stdout.write(
            f"demo campus: loaded {loaded.tickets} tickets, {loaded.messages} messages "
            f"in {loaded.seconds:.1f} s"
        )


def check_arguments(tickets: int, until: date, today: date) -> None:
    """Raises CommandError for arguments from which no campus can be made."""
    if not 0 <= tickets <= 1_000_000:
        raise CommandError("--tickets must be between 0 and 1,000,000")
    if until > today:
        raise CommandError(f"--until {until} is in the future; today is {today} (UTC)")
    if until.year < MIN_YEAR + 3:
        raise CommandError(f"--until {until}: dates before {MIN_YEAR + 3} are not supported")
