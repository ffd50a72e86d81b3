"""Mails as text and as HTML in the look of the pages, from one context."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from common.roles import Role
from django_common.text_validation import fold_line
from notifications.channels.mail import Mail

MOMENT = "%-d %B %Y, %H:%M %Z"


@dataclass(frozen=True)
class WrittenMessage:
    author: str
    sent_at: str
    body: str


@dataclass(frozen=True)
class ListedTicket:
    label: str
    age: str
    address: str


def name_author(name: str, role: str) -> str:
    """With the role, which exposes a user who calls himself "Helpdesk"."""
    if name:
        return f"{name} ({role})"
    return "The helpdesk" if role == Role.HELPDESK else "A user"


def format_moment(moment: datetime) -> str:
    """In campus time."""
    return f"{timezone.localtime(moment):{MOMENT}}"


def one_line(text: str) -> str:
    """Fit for a header: without control and format characters."""
    return fold_line("".join(" " if unicodedata.category(one)[0] == "C" else one for one in text))


def render_mail(subject: str, context: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Mail:
    context = {**context, "subject": subject}
    text, html = (render_to_string(f"mail/notice.{kind}", context) for kind in ("txt", "html"))
    return Mail(subject, text, html, headers or {})
