"""The only writers of tickets. Each is one transaction with an audit context, and complete or without effect.

Order of refusals: not allowed, wrong state, version missing or stale, invalid input.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest

from common.errors import Hidden
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from django_common.text_validation import clean_text
from django_common.triggers import bypass_trigger
from tickets.access import can_see, require
from tickets.audit_context import set_audit_context
from tickets.errors import VersionMissing, VersionStale, WrongState
from tickets.expressions import next_moment
from tickets.following.models import Follower, Reason
from tickets.history import record_event
from tickets.idempotency import claim_key
from tickets.learning.active_model import get_active_model
from tickets.lifecycle import Status, previous_status
from tickets.locations import spell_fields
from tickets.models import Correction, IdempotencyKey, Source, Ticket, TicketEvent
from tickets.signals import ticket_moved, ticket_opened
from tickets.triage import Verdict, classify
from tickets.triggers import REPAIRING
from tickets.validation import clean_fields

CHOSEN_BY_PERSON = {"category_source": Source.PERSON, "needs_review": False}


def categorize(description: str) -> dict[str, Any]:
    """The columns that triage sets: the category, which is never empty, and the evidence."""
    return triage_columns(classify(description, get_active_model()))


def triage_columns(verdict: Verdict) -> dict[str, Any]:
    """The columns of a ticket that store what triage found."""
    return {
        "category": verdict.category,
        "category_source": Source.MACHINE,
        "needs_review": verdict.needs_review,
        "triage_confidence": verdict.confidence,
        "triage_runner_up": verdict.runner_up,
        "triage_evidence": [{"word": word, "weight": weight} for word, weight in verdict.evidence],
        "triage_model": verdict.model,
        "triage_is_mixed": verdict.is_mixed,
    }


@retry_on_deadlock
def open_ticket(
    *,
    by: Caller,
    description: object,
    building: object = "",
    room: object = "",
    category: object = "",
    key: str = "",
) -> Ticket:
    """A new open ticket, categorised by triage unless the caller chose the category. The caller's browser
    follows it.

    key: within 24 hours, a repeated request with the same key and session returns the first ticket. Raises
    Invalid, KeyReused (another text under the same key).
    """
    require(by, "report")
    chosen = {"category": category} if category else {}
    fields = clean_fields({"description": description, "building": building, "room": room, **chosen})
    key_row = claim_key(by, key, fields) if key else None  # of the input: spellings on other tickets change
    if key_row and key_row.ticket:
        if can_see(by, key_row.ticket):
            follow_as_reporter(key_row.ticket, by=by)
        return key_row.ticket
    fields = spell_fields(fields, by=by)
    set_audit_context(by, "opened")
    found = categorize(fields["description"])
    columns = found | fields | (CHOSEN_BY_PERSON if chosen else {})
    ticket = Ticket.objects.create(**columns, opener=by.session, opener_name=by.name)
    if chosen:
        record_correction(ticket, by=by, old=found["category"])
    if key_row:
        IdempotencyKey.objects.filter(pk=key_row.pk).update(ticket=ticket)
    ticket_opened.send(Ticket, ticket=ticket, by=by, key=key)
    ticket.refresh_from_db()
    follow_as_reporter(ticket, by=by)
    return ticket


def follow_as_reporter(ticket: Ticket, *, by: Caller) -> None:
    """Also for a repeated request: if the first response was lost, so was the browser's new cookie."""
    if by.browser:
        follower = Follower(
            ticket=ticket,
            browser=by.browser,
            reason=Reason.REPORTED,
            own_reason=Reason.REPORTED,
            seen_at=ticket.modified_at,
        )
        Follower.objects.bulk_create([follower], ignore_conflicts=True)


def check_edit(ticket: Ticket, *, by: Caller, version: int | None) -> None:
    """Whether an edit is acceptable before its body is read. Raises NotAllowed, WrongState, VersionMissing,
    VersionStale."""
    require(by, "edit", ticket)
    refuse_closed(ticket, by=by)
    if version is None:
        raise VersionMissing("Send the version you are editing in If-Match.")
    if version != ticket.version:
        raise VersionStale(ticket)


def refuse_closed(ticket: Ticket, *, by: Caller) -> None:
    """Raises Hidden if the caller must not know that it is closed, else WrongState."""
    if not can_see(by, ticket):
        raise Hidden
    if ticket.is_closed:
        raise WrongState("Report the problem again and mention this ticket.", title="This ticket is closed")


@retry_on_deadlock
def edit_ticket(ticket: Ticket, *, by: Caller, version: int | None, changes: Mapping[str, object]) -> Ticket:
    """Changes text, location or category of the version that the caller saw.

    Equal values change nothing, neither version nor modified_at. A new text is categorised again unless a
    person has chosen the category. Raises NotAllowed, WrongState, VersionMissing, VersionStale, Invalid.
    """
    if "category" in changes:
        require(by, "correct", ticket)
    check_edit(ticket, by=by, version=version)
    cleaned = clean_fields(changes)
    values = changed_values(ticket, spell_location_of(ticket, cleaned, by=by))
    is_by_machine = ticket.category_source == Source.MACHINE
    is_correction = "category" in values or ("category" in cleaned and is_by_machine)
    if is_correction:
        values |= {"category": cleaned["category"]} | CHOSEN_BY_PERSON
    elif "description" in values and is_by_machine:
        values |= categorize(values["description"])
    if not values:
        return ticket
    verb = "corrected" if set(changes) == {"category"} else "edited"
    old = ticket.category
    write_version(ticket, by=by, verb=verb, values=values)
    if is_correction:
        record_correction(ticket, by=by, old=old)
    return ticket


def spell_location_of(ticket: Ticket, cleaned: dict[str, str], *, by: Caller) -> dict[str, str]:
    return spell_fields(cleaned, by=by, building=ticket.building, room=ticket.room, pk=ticket.pk)


def changed_values(ticket: Ticket, cleaned: Mapping[str, str]) -> dict[str, Any]:
    """The fields whose values differ from the ticket's."""
    return {name: value for name, value in cleaned.items() if value != getattr(ticket, name)}


def correct_category(ticket: Ticket, *, by: Caller, category: object, version: int | None) -> Ticket:
    """Records a person's choice, which triage never overwrites. It may also confirm triage's own choice."""
    return edit_ticket(ticket, by=by, version=version, changes={"category": category})


def write_version(ticket: Ticket, *, by: Caller, verb: str, values: dict[str, Any]) -> None:
    """One conditional UPDATE: the version that was seen must still be current, and the ticket not closed."""
    set_audit_context(by, verb)
    seen = Ticket.objects.unresolved().filter(pk=ticket.pk, version=ticket.version)
    updated = seen.update(**values, version=F("version") + 1, modified_at=next_moment())
    ticket.refresh_from_db()
    if not updated:
        refuse_closed(ticket, by=by)
        raise VersionStale(ticket)


def record_correction(ticket: Ticket, *, by: Caller, old: str) -> None:
    Correction.objects.create(
        ticket=ticket,
        old=old,
        new=ticket.category,
        by_role=by.role,
        by_name=by.name,
        by_session=by.session,
        triage_model=ticket.triage_model,
    )


def activate_ticket(ticket: Ticket, *, by: Caller) -> Ticket:
    """open -> active. Raises NotAllowed, WrongState."""
    require(by, "activate", ticket)
    return move_ticket(ticket, to=Status.ACTIVE, by=by, verb="activated", moment="activated_at")


def close_ticket(ticket: Ticket, *, by: Caller) -> Ticket:
    """active -> closed, for good. Raises NotAllowed, WrongState."""
    require(by, "close", ticket)
    return move_ticket(ticket, to=Status.CLOSED, by=by, verb="closed", moment="closed_at")


@retry_on_deadlock
def move_ticket(
    ticket: Ticket,
    *,
    to: Status,
    by: Caller,
    verb: str,
    moment: str,
    reason: str = "",
    merged_into: Ticket | None = None,
) -> Ticket:
    """One conditional UPDATE: its row count says who won the race."""
    set_audit_context(by, verb, reason)
    lock_row(ticket)
    row = Ticket.objects.filter(pk=ticket.pk, status=previous_status(to))
    now = next_event_moment()
    updated = row.update(
        status=to, version=F("version") + 1, modified_at=now, merged_into=merged_into, **{moment: now}
    )
    ticket.refresh_from_db()
    if not updated:
        raise WrongState(
            f"Ticket {ticket.pk} is {ticket.status}; only {previous_status(to)} tickets can be {verb}."
        )
    ticket_moved.send(Ticket, ticket=ticket, by=by, verb=verb)
    return ticket


def lock_row(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the end of the transaction. What follows is later than everything
    that it waited for."""
    return Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)


def next_event_moment() -> Greatest:
    """Not before the last history row: the clock may have gone back since a note."""
    events = TicketEvent.objects.filter(pgh_obj=OuterRef("pk")).order_by("-pgh_id")
    return Greatest(next_moment(), Subquery(events.values("pgh_created_at")[:1]))


def record_message_activity(ticket: Ticket, *, by: Caller, is_internal: bool) -> datetime:
    """Updates a ticket for a new message and returns the time of both; in the message's transaction, before
    its row is written.

    It locks the ticket, so that no message is added to one that is being closed. A note changes no timestamp
    of the ticket and only adds a history row. Raises Hidden, WrongState.
    """
    set_audit_context(by, "noted" if is_internal else "messaged")
    return record_note_event(ticket, by=by) if is_internal else update_message_moments(ticket, by=by)


def update_message_moments(ticket: Ticket, *, by: Caller) -> datetime:
    """modified_at, and first_answered_at at the helpdesk's first message."""
    values: dict[str, Any] = {"modified_at": next_moment()}
    if by.is_helpdesk:
        values["first_answered_at"] = Coalesce(F("first_answered_at"), next_moment())
    if not Ticket.objects.unresolved().filter(pk=ticket.pk).update(**values):
        ticket.refresh_from_db()
        refuse_closed(ticket, by=by)
    ticket.refresh_from_db()
    return ticket.modified_at


def record_note_event(ticket: Ticket, *, by: Caller) -> datetime:
    """The history row of a note, in the format of those that the trigger writes."""
    locked = lock_row(ticket)
    refuse_closed(locked, by=by)
    return record_event(locked, "noted")


@retry_on_deadlock
def repair_ticket(ticket: Ticket, *, by: Caller, reason: object, changes: Mapping[str, object]) -> Ticket:
    """The admin's correction of data: text, location, category or a wrong move, also of closed tickets.

    The reason is recorded in the history. The timestamps follow the status, so the integrity rules still
    hold. Raises NotAllowed, Invalid, VersionStale.
    """
    require(by, "repair", ticket)
    reason = clean_text("reason", reason, limit=500)
    status = Status(str(changes.get("status", ticket.status)))
    now = next_event_moment()
    cleaned = clean_fields({name: value for name, value in changes.items() if name != "status"})
    values = changed_values(ticket, spell_location_of(ticket, cleaned, by=by))
    if status != ticket.status:
        values |= {"status": status} | moments_for_status(status, now)
    if "category" in values:
        values |= CHOSEN_BY_PERSON
    if not values:
        return ticket
    set_audit_context(by, "repaired", reason)
    old = ticket.category
    lock_row(ticket)
    row = Ticket.objects.filter(pk=ticket.pk, version=ticket.version)
    with bypass_trigger(REPAIRING):
        updated = row.update(**values, version=F("version") + 1, modified_at=now)
    ticket.refresh_from_db()
    if not updated:
        raise VersionStale(ticket)
    if "category" in values:
        record_correction(ticket, by=by, old=old)
    return ticket


def moments_for_status(status: Status, now: Greatest) -> dict[str, Any]:
    """The timestamps that a status requires: unchanged if known, else now. Only a closed ticket is merged."""
    if status == Status.OPEN:
        return {"activated_at": None, "closed_at": None, "merged_into": None}
    activated = Coalesce(F("activated_at"), now)
    if status == Status.ACTIVE:
        return {"activated_at": activated, "closed_at": None, "merged_into": None}
    return {"activated_at": activated, "closed_at": now}
