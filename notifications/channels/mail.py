"""The channel for mail: SMTP by Django's settings."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from notifications.errors import ChannelAway, NotSent, RecipientRefused, TryLater

CODE = re.compile(r"\b[45]\.\d{1,3}\.\d{1,3}\b ?")  # of an enhanced status: the words beside it say the same


@dataclass(frozen=True)
class Mail:
    """headers: beside those that every mail has."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)


def has_server() -> bool:
    return bool(settings.EMAIL_HOST)


def connect() -> BaseEmailBackend:
    """An open connection. Raises ChannelAway."""
    connection = get_connection()
    with smtp_errors(""):
        connection.open()
    return connection


def send_mail(server: BaseEmailBackend, mail: Mail, *, to: str, message_id: str) -> None:
    """Raises ChannelAway, RecipientRefused, TryLater."""
    standard = {"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(mail.subject, mail.text, to=[to], headers={**mail.headers, **standard})
    message.attach_alternative(mail.html, "text/html")
    with smtp_errors(to):
        server.send_messages([message])


@contextmanager
def smtp_errors(recipient: str) -> Iterator[None]:
    """Raises an error of this package with the reason in words, without the recipient's address."""
    try:
        yield
    except SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise refusal(code, describe(code, answer, recipient)) from None
    except SMTPDataError as error:
        raise refusal(error.smtp_code, describe(error.smtp_code, error.smtp_error, recipient)) from None
    except SMTPResponseException as error:  # of the sender or the sign-on: the same for every mail
        raise ChannelAway(describe(error.smtp_code, error.smtp_error, recipient)) from None
    except (SMTPException, OSError) as error:
        raise ChannelAway(f"The mail server cannot be reached: {name_error(error)}.") from None


def refusal(code: int, reason: str) -> NotSent:
    if code == 421:  # it ends the connection
        return ChannelAway(reason)
    return RecipientRefused(reason) if code >= 500 else TryLater(reason)


def describe(code: int, answer: bytes | str, recipient: str) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    words = "".join(one if one.isprintable() else " " for one in words)  # no row can store a NUL
    words = CODE.sub("", " ".join(words.split()))
    if recipient:
        words = re.sub(re.escape(recipient), "the address", words, flags=re.IGNORECASE)
    return f"The mail server answered {code}: {words}"


def name_error(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer in time"
    return getattr(error, "strerror", None) or " ".join(str(error).split()) or type(error).__name__
