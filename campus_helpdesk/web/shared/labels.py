"""Labels for what is stored or sent as a code: fields, values, events and roles."""

import re

from django.utils.text import capfirst

from tickets.categories import Category
from tickets.lifecycle import Status

VALUE_LABELS: dict[str, dict[str, str]] = {
    "category": dict(Category.choices),
    "status": dict(Status.choices),
}
FIELD_LABELS = {
    "body": "Message",
    "cadence": "Repeat",
    "description": "The problem",
    "email": "E-mail address",
    "non_field_errors": "Request",
    "opened_after": "Opened from",
    "q": "Search",
}
FIELD_NAME = re.compile(r"[a-z]+(_[a-z]+)*")
EVENT_LABELS = {
    "activated": "Taken up",
    "corrected": "Category chosen",
    "merged": "Duplicate merged",
    "messaged": "Message",
    "note_removed": "Photo of an internal note removed",
    "noted": "Internal note",
    "removed": "Photo removed",
    "repaired": "Data corrected",
    "reread": "Second opinion",
    "unmerged": "Merge taken back",
}
ROLE_LABELS = {
    "database": "the database",
    "helpdesk": "the helpdesk",
    "import": "an import",
    "machine": "the system",
    "user": "a user",
}


def field_label(name: str) -> str:
    """A name of another form stays as it was sent: an error may concern a made-up parameter."""
    if not FIELD_NAME.fullmatch(name):
        return name
    return FIELD_LABELS.get(name) or capfirst(name.replace("_", " "))


def value_label(value: str, field: str) -> str:
    return VALUE_LABELS.get(field, {}).get(value, value)


def event_label(verb: str) -> str:
    """A verb of a ticket's history."""
    return EVENT_LABELS.get(verb) or capfirst(verb)


def role_label(role: str) -> str:
    """Who did something without giving a name."""
    return ROLE_LABELS.get(role, role)
