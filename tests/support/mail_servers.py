"""A real mail server for tests, on a free port, and rows of the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from campus_helpdesk.local_stack.valkey_server import free_port
from notifications.models import Delivery, Subscription
from notifications.subscriptions import confirm, subscribe_browser
from tests.support.factories import with_browser
from tickets.following.actions import follow
from tickets.following.models import Reason
from tickets.models import Ticket

ADDRESS = "ada@example.edu"


@dataclass
class Mailbox:
    """What a server accepted. answers: what it says to the text of the next mails instead of yes."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@contextmanager
def mail_server(settings) -> Iterator[Mailbox]:
    """The site sends by this server within the block."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
        yield mailbox
    finally:
        controller.stop()


def make_subscription(
    ticket: Ticket, address: str = ADDRESS, *, browser: str = "ada", is_confirmed: bool = True
) -> Subscription:
    """Of a browser that follows the ticket; without the mail that asked for the confirmation."""
    by = with_browser(browser)
    follow(ticket, by=by, reason=Reason.FOLLOWED)
    subscription = subscribe_browser(ticket, by=by, address=address)
    if is_confirmed:
        confirm(subscription)
        Delivery.objects.filter(subscription=subscription).delete()
    subscription.refresh_from_db()
    return subscription
