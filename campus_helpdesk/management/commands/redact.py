from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from common.errors import Invalid
from messaging.redaction import BLANKED, OUTSIDE, RETAINED, redact_ticket
from tickets.models import Ticket


class Command(BaseCommand):
    help = (
        "Blank every text and every name of a ticket, its messages and its history. "
        f"Cannot be undone. {RETAINED} {OUTSIDE}"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int)
        parser.add_argument("--reason", required=True, help="stored in the ticket's history")

    def handle(self, *, id: int, reason: str, **options: Any) -> None:
        ticket = Ticket.objects.filter(pk=id).first()
        if ticket is None:
            raise CommandError(f"There is no ticket {id}.")
        try:
            messages = redact_ticket(ticket, reason=reason)
        except Invalid as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Ticket {id} is redacted, with {messages} messages.")
        for line in (BLANKED, RETAINED, OUTSIDE):
            self.stdout.write(line)
