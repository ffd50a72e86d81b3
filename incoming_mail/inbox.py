"""The mails of an IMAP mailbox: each is taken in first and put away afterwards. Whatever dies in between, the
next turn finds the mail again, and `receive` knows it.

By the standard library: a handful of commands are needed, and the raw bytes of each mail.
"""

import imaplib
import logging
import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection

from django_common.advisory_locks import AdvisoryLock, session_lock
from incoming_mail.models import MailboxState
from incoming_mail.parsing.decoding import clean
from incoming_mail.receiving import BEGINNING, receive
from incoming_mail.refusals import MAX_MAIL_BYTES, TooManyMails
from tickets.expressions import StatementNow

TIMEOUT = 20.0  # seconds, for each answer of the server
TURN_SECONDS = 40
MAX_CONNECTIONS = 4  # in one turn
MAX_FAILURE_LENGTH = 300
ARCHIVES = ("Processed", "INBOX.Processed")  # the second where all folders lie in the inbox
SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
FAILURES = (OSError, imaplib.IMAP4.error)
logger = logging.getLogger(__name__)


class Mailbox:
    """The selected folder of a mailbox. archive: where mails are put away; empty if the server moves none."""

    def __init__(self, server: imaplib.IMAP4, folder: str):
        self.server = server
        # Before the login many servers say less.
        self.capabilities = set(self.ask("capability")[0].decode().upper().split())
        self.ask("select", quote(folder))
        self.archive = self.find_archive()

    def ask(self, command: str, *arguments: str) -> list:
        """Raises imaplib.IMAP4.error where the server says no."""
        state, answer = getattr(self.server, command)(*arguments)
        if state != "OK":
            raise imaplib.IMAP4.error(f"{command} {' '.join(arguments[:1])}: {answer}")
        return answer

    def find_archive(self) -> str:
        if not {"MOVE", "UIDPLUS"} & self.capabilities:
            return ""
        for name in ARCHIVES:
            self.server.create(quote(name))  # says no if it is there
            if self.server.status(quote(name), "(MESSAGES)")[0] == "OK":
                return name
        return ""

    def waiting(self) -> list[str]:
        """Without an archive the flag \\Seen tells what was taken in; with one, what may have been taken in
        and could not be moved. That comes last and holds up nothing new."""
        found = [
            self.ask("uid", "SEARCH", flag)[-1] for flag in ("UNSEEN", "SEEN")[: 2 if self.archive else 1]
        ]
        return b" ".join(filter(None, found)).decode().split()

    def fetch(self, uid: str) -> tuple[bytes, int]:
        """The mail and its size; of one that is too large only the beginning. Empty if it is gone."""
        described = self.ask("uid", "FETCH", uid, "(RFC822.SIZE)")  # with news of other mails among it
        size = next(filter(None, (SIZE.search(one) for one in described if isinstance(one, bytes))), None)
        if not size:
            return b"", 0
        part = f"<0.{BEGINNING}>" if int(size[1]) > MAX_MAIL_BYTES else ""
        answer = self.ask("uid", "FETCH", uid, f"(BODY.PEEK[]{part})")
        return next((one[1] for one in answer if isinstance(one, tuple)), b""), int(size[1])

    def put_away(self, uid: str) -> None:
        try:
            self.move(uid) if self.archive else self.mark_seen(uid)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refusal:  # such as a full quota; the next turn tries again
            logger.warning("a mail could not be moved: %s", refusal)
            self.mark_seen(uid)

    def move(self, uid: str) -> None:
        if "MOVE" in self.capabilities:
            self.ask("uid", "MOVE", uid, quote(self.archive))
            return
        self.ask("uid", "COPY", uid, quote(self.archive))
        self.ask("uid", "STORE", uid, "+FLAGS.SILENT", "(\\Deleted)")
        self.ask("uid", "EXPUNGE", uid)

    def mark_seen(self, uid: str) -> None:
        self.ask("uid", "STORE", uid, "+FLAGS.SILENT", "(\\Seen)")


def quote(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """Raises what FAILURES names. No message contains the password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "imaps":
        context = ssl.create_default_context()
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(
            host, parts.port or 993, ssl_context=context, timeout=TIMEOUT
        )
    else:
        server = imaplib.IMAP4(host, parts.port or 143, timeout=TIMEOUT)
    try:
        server.login(quote(unquote(parts.username or "")), unquote(parts.password or ""))
        yield Mailbox(server, unquote(parts.path.strip("/")) or "INBOX")
    finally:
        with suppress(*FAILURES):  # it may have ended the connection already
            server.logout()


@dataclass
class Turn:
    """skipped: the mails at which the server ended the connection; they stay for the next turn."""

    ends_at: float
    done: int = 0
    skipped: set[str] = field(default_factory=set)


def poll() -> int:
    """One turn; returns how many mails were taken in. Of several callers one works, the others do nothing."""
    turn = Turn(time.monotonic() + TURN_SECONDS)
    with session_lock(AdvisoryLock.INBOX) as is_ours:
        if is_ours:
            record_state(read_mailbox(turn))
    return turn.done


def read_mailbox(turn: Turn) -> str:
    """Why it cannot be read; empty if it can. Connects again for the mails after one that ended the
    connection."""
    reason = ""
    for _ in range(MAX_CONNECTIONS):
        skipped = len(turn.skipped)
        try:
            with open_mailbox(settings.INBOX_URL) as mailbox:
                empty(mailbox, turn)
            return ""
        except FAILURES as failure:
            reason = reason_of(failure)
            logger.error("the mailbox cannot be read: %s", reason)
        if len(turn.skipped) == skipped or time.monotonic() > turn.ends_at:
            break
    return reason


def reason_of(failure: Exception) -> str:
    """Without the password: some servers repeat what they do not understand."""
    password = unquote(urlsplit(settings.INBOX_URL).password or "")
    text = clean(str(failure)) or type(failure).__name__
    return (text.replace(password, "[password]") if password else text)[:MAX_FAILURE_LENGTH]


def record_state(failure: str) -> None:
    """For the desk: since when the mailbox can be read, or cannot."""
    row, _ = MailboxState.objects.get_or_create(pk=1)
    if bool(row.failure) != bool(failure):
        row.since = StatementNow()
    if row.failure != failure:
        row.failure = failure
        row.save()


def find_failure() -> MailboxState | None:
    """None if the site has no mailbox, or could read it at the last turn."""
    return MailboxState.objects.exclude(failure="").first() if settings.INBOX_URL else None


def empty(mailbox: Mailbox, turn: Turn) -> None:
    """Takes in what waits, the oldest first. A mail that cannot be fetched or stored stays for the next turn
    and holds up no other."""
    for uid in mailbox.waiting():
        if time.monotonic() > turn.ends_at:
            break
        try:
            if uid not in turn.skipped:
                turn.done += take_in(mailbox, uid)
        except (imaplib.IMAP4.abort, OSError):
            turn.skipped.add(uid)
            raise
        except TooManyMails:
            logger.warning("mails stay in the mailbox for now: too many came within an hour")
            break
        except Exception:
            logger.exception("a mail stays in the mailbox for now")
            if not connection.is_usable():
                break


def take_in(mailbox: Mailbox, uid: str) -> bool:
    raw, size = mailbox.fetch(uid)
    if raw:
        receive(raw, size=size)
        mailbox.put_away(uid)
    return bool(raw)
