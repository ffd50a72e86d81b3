"""Filters and functions of templates: icons, badges, times. Badges are few, so each is made once."""

import re
from datetime import datetime, tzinfo
from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from jinja2 import pass_context
from jinja2.runtime import Context
from lucide.jinja import lucide

from campus_helpdesk.entrance.guards import HOME_VIEWS
from campus_helpdesk.web.shared import relative_time
from campus_helpdesk.web.shared.highlight import deciding_words, mark_words
from common.categories import CATEGORY_ICONS
from tickets.categories import Category
from tickets.lifecycle import Status
from tickets.models import Source, Ticket

DRAWING_ATTRIBUTES = re.compile(r' (?:fill|stroke|stroke-\w+)="[^"]*"')


@pass_context
def start_url(context: Context) -> str:
    """The site's start: the entrance, or the role's own pages if there is a sign-on."""
    if settings.ROLE_SOURCE == "door":
        return "/"
    caller = getattr(context.get("request"), "caller", None)
    return reverse(HOME_VIEWS[caller.role] if caller else "portal:list")


@pass_context
def home_url(context: Context) -> str:
    """The list of the caller's role; without a role the site's start."""
    caller = getattr(context.get("request"), "caller", None)
    return reverse(HOME_VIEWS[caller.role]) if caller else start_url(context)


@lru_cache(maxsize=256)
def icon(name: str, size: int = 18) -> SafeString:
    """A lucide icon that a screen reader skips: the text beside it says the same.

    Its line style is in the stylesheet, which keeps a list of icons small.
    """
    svg = lucide(name, size=size, **{"class": "icon", "aria-hidden": "true"})
    return mark_safe(re.sub(r"\s*\n\s*", "", DRAWING_ATTRIBUTES.sub("", svg)))  # noqa: S308 - lucide's own drawing


@lru_cache
def category_badge(category: str) -> SafeString:
    known = Category(category)
    picture = icon(CATEGORY_ICONS[known], 16)
    return format_html(
        '<span class="badge category category-{}">{}{}</span>', known.value, picture, known.label
    )


@lru_cache
def status_badge(status: str) -> SafeString:
    known = Status(status)
    return format_html(
        '<span class="badge status-{0}"><span class="dot"></span>{1}</span>', known.value, known.label
    )


@lru_cache
def state_badge(state: str, label: str = "") -> SafeString:
    """The state of an analysis or a report; other things in such a state have a label of their own."""
    return format_html(
        '<span class="badge state-{}"><span class="dot"></span>{}</span>', state, label or state.capitalize()
    )


def category_icon(category: str) -> str:
    return CATEGORY_ICONS[Category(category)]


def category_label(category: str) -> str:
    return Category(category).label


def marked_description(ticket: Ticket) -> SafeString | str:
    """The description with the words that decided triage's choice; nothing is marked if a person chose the
    category."""
    if ticket.category_source != Source.MACHINE:
        return ticket.description
    return mark_words(ticket.description, evidence_words(ticket))


def evidence_words(ticket: Ticket) -> list[str]:
    return deciding_words([(piece["word"], piece["weight"]) for piece in ticket.triage_evidence])


def format_exact(value: datetime, zone: tzinfo | None = None) -> str:
    """A time in the campus time zone, to the minute."""
    return timezone.localtime(value, zone).strftime("%-d %B %Y, %H:%M %Z")


def date_and_time(value: datetime | None) -> SafeString | str:
    """A time by date and hour: for the future and for exact records."""
    return _time(value, format_exact(value)) if value else ""


def ago(value: datetime | None) -> SafeString | str:
    """A time by its age, with the exact one in the title."""
    return _time(value, relative_time.ago(timezone.now() - value)) if value else ""


def age(value: datetime) -> SafeString:
    """How old it is: "3 days"."""
    length = timezone.now() - value
    return _time(
        value, relative_time.format_length(length) if length >= relative_time.SMALLEST_UNIT else "just now"
    )


def _time(value: datetime, label: str) -> SafeString:
    return _write_time(value, label, timezone.get_default_timezone())


@lru_cache(maxsize=2048)
def _write_time(value: datetime, label: str, zone: tzinfo) -> SafeString:
    """Cached: the newest rows are on most pages, with the same text for a while."""
    moment = format_exact(value, zone)
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), moment, label)


def thousands(number: int) -> str:
    return f"{number:,}"


def round_down(number: int) -> str:
    """The first digit of what was not counted completely: 4,000 of 4,812."""
    step = 10 ** (len(str(number)) - 1)
    return thousands(number // step * step)
