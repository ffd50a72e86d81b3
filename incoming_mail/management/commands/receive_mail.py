import logging
import sys
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand

from incoming_mail.receiving import TRY_AGAIN, receive
from incoming_mail.refusals import MAX_MAIL_BYTES

TEMPORARY_FAILURE = 75  # of sysexits.h, as mail servers read it
CHUNK = 1024 * 1024
logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Take in one mail from standard input, as a mail server hands it to a program. Exit code 0: "
        "it is stored, whatever became of it; 75: keep it and try again."
    )
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        try:
            mail = receive(read_mail(sys.stdin.buffer))
        except Exception as failure:  # at any other exit code a mail server sends the mail back
            if not isinstance(failure, TRY_AGAIN):
                logger.exception("a mail stays with the mail server for now")
            self.stderr.write(f"Try again later: {type(failure).__name__}")
            sys.exit(TEMPORARY_FAILURE)
        self.stdout.write(f"Ticket {mail.ticket_id}" if mail.ticket_id else mail.reason)


def read_mail(stream: BinaryIO) -> bytes:
    """At most a byte more than is stored. The rest is read, too: a mail server may not write into nothing."""
    raw = stream.read(MAX_MAIL_BYTES + 1)
    while stream.read(CHUNK):
        pass
    return raw
