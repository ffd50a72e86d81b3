"""The history of a ticket: snapshots of its row, shown as differences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import Lag

from common.roles import Role
from places.spelling import same_parts
from tickets.models import TRACKED_FIELDS, Ticket, TicketEvent

HIDDEN_FIELDS = {"version", "activated_at", "closed_at"}
EDIT_VERBS = ["opened", "edited", "corrected", "repaired", "redacted"]  # they write what people edit
INTERNAL_VERBS = ["noted", "note_removed"]  # what concerns internal notes: for the helpdesk only


@dataclass(frozen=True)
class HistoryRow:
    """One history row as shown. changes: field -> [before, after]."""

    at: datetime
    by_role: str
    by_name: str
    verb: str
    reason: str
    changes: dict[str, list[Any]]


def visible_events(ticket: Ticket, role: str) -> QuerySet[TicketEvent]:
    """The history of a visible ticket as a role may see it: internal notes are for the helpdesk."""
    events = TicketEvent.objects.filter(pgh_obj=ticket)
    return events if role == Role.HELPDESK else events.exclude(verb__in=INTERNAL_VERBS)


def history_rows(events: Iterable[TicketEvent], role: str) -> Iterator[HistoryRow]:
    """Consecutive events as differences, oldest first; the predecessor of the first one is looked up.

    Only the helpdesk sees the reason of a correction.
    """
    before: TicketEvent | None = None
    for event in events:
        before = before or previous_event(event)
        reason = event.reason if role == Role.HELPDESK else ""
        changes = without_respellings(diff(before, event), before, event)
        yield HistoryRow(event.pgh_created_at, event.by_role, event.by_name, event.verb, reason, changes)
        before = event


def find_last_moves(tickets: Iterable[Ticket]) -> dict[int, TicketEvent]:
    """By ticket id: the event that moved a ticket to its current status, if one is recorded."""
    before = Window(Lag("status"), partition_by=[F("pgh_obj")], order_by=[F("pgh_id").asc()])
    rows = TicketEvent.objects.filter(pgh_obj__in=[ticket.pk for ticket in tickets]).defer("description")
    moves = rows.annotate(before=before).filter(before__isnull=False).exclude(before=F("status"))
    return {event.pgh_obj_id: event for event in moves.order_by("pgh_id")}


def has_no_edit_since(ticket: Ticket, version: int) -> bool:
    """Whether no person has changed text, location or category since an earlier version."""
    edits = TicketEvent.objects.filter(pgh_obj=ticket, version__gt=version, verb__in=EDIT_VERBS)
    return version < ticket.version and not edits.exists()


def previous_event(event: TicketEvent) -> TicketEvent | None:
    earlier = TicketEvent.objects.filter(pgh_obj=event.pgh_obj_id, pgh_id__lt=event.pgh_id)
    return earlier.order_by("-pgh_id").first()


def find_opener_role(ticket: Ticket) -> str:
    """The role of the reporter; of an imported ticket, a user."""
    opened = TicketEvent.objects.filter(pgh_obj=ticket, verb="opened")
    return opened.values_list("by_role", flat=True).first() or Role.USER.value


def diff(before: TicketEvent | None, after: TicketEvent) -> dict[str, list[Any]]:
    if before is None:
        return {"status": [None, after.status], "category": [None, after.category]}
    fields = [name for name in TRACKED_FIELDS if name not in HIDDEN_FIELDS]
    pairs = {name: [getattr(before, name), getattr(after, name)] for name in fields}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def without_respellings(
    changes: dict[str, list[Any]], before: TicketEvent | None, after: TicketEvent
) -> dict[str, list[Any]]:
    """Without a building or room that only got a new name: no one changed the ticket, so the difference shows
    in whatever event came next. If it is all that an event changes, it is what a person wrote."""
    if before is None or not changes.keys() & {"building", "room"}:
        return changes
    same = same_parts((before.building, before.room), (after.building, after.room))
    others = {name: pair for name, pair in changes.items() if name not in same}
    return others if others or after.verb not in ("edited", "repaired") else changes


def record_event(ticket: Ticket, label: str) -> datetime:
    """Writes an event without a change of the ticket's row (an internal note), and returns its time. It has
    the audit context of the transaction, like every event."""
    snapshot = {name: getattr(ticket, name) for name in TRACKED_FIELDS}
    event = TicketEvent.objects.create(pgh_obj=ticket, pgh_label=label, **snapshot)
    event.refresh_from_db(fields=["pgh_created_at"])
    return event.pgh_created_at
