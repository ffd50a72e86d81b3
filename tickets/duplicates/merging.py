"""Merging a duplicate into the ticket that is kept, and taking that back.

Both tickets stay, with their own texts and histories. The duplicate is closed and points to the kept ticket.
"""

from collections.abc import Mapping
from functools import partial

from django.db.models import Exists, OuterRef, Q, QuerySet

from common.errors import Invalid
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from django_common.triggers import bypass_trigger
from tickets.access import require
from tickets.actions import move_ticket, refuse_closed, repair_ticket
from tickets.audit_context import set_audit_context
from tickets.errors import WrongState
from tickets.following.followers import bring_followers, take_back_followers
from tickets.following.models import Follower
from tickets.history import record_event
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.signals import ticket_unmerged
from tickets.triggers import REPAIRING


@retry_on_deadlock
def merge_ticket(duplicate: Ticket, *, into: Ticket, by: Caller) -> Ticket:
    """Closes the duplicate, step by step. It and all that was merged into it point to the kept ticket, which
    its followers follow from now on.

    Raises NotAllowed, Hidden, WrongState if one of them is closed, Invalid for a ticket into itself.
    """
    require(by, "merge", duplicate)
    involved = Q(pk__in=[duplicate.pk, into.pk]) | Q(merged_into=duplicate.pk)
    rows = lock_rows(Ticket.objects.filter(involved))
    kept, locked = rows[into.pk], rows[duplicate.pk]
    refuse_closed(locked, by=by)
    if kept.pk == locked.pk:
        raise Invalid({"into": ["Choose another ticket: this is the ticket itself."]})
    if kept.is_closed:
        raise WrongState("Choose a ticket that is open or active.", title=f"Ticket {kept.pk} is closed")
    close_as_duplicate(locked, kept, by=by)
    with bypass_trigger(REPAIRING):  # those are closed
        Ticket.objects.filter(merged_into=locked).update(merged_into=kept)
    bring_followers(locked, kept)
    set_audit_context(by, "merged", f"Ticket {locked.pk} is a duplicate of this one.")
    record_event(kept, "merged")
    duplicate.refresh_from_db()
    return duplicate


def lock_rows(tickets: QuerySet[Ticket]) -> dict[int, Ticket]:
    """The tickets as they are now, by number. Locked in the order of their numbers: people who merge the same
    ones, or undo that, do not deadlock."""
    return {ticket.pk: ticket for ticket in tickets.order_by("pk").select_for_update(no_key=True)}


def close_as_duplicate(duplicate: Ticket, kept: Ticket, *, by: Caller) -> None:
    """Each step is recorded as "merged", so that undoing finds the status before the first one."""
    reason = f"Duplicate of ticket {kept.pk}."
    step = partial(move_ticket, duplicate, by=by, verb="merged", reason=reason)
    if duplicate.status == Status.OPEN:
        step(to=Status.ACTIVE, moment="activated_at")
    step(to=Status.CLOSED, moment="closed_at", merged_into=kept)


@retry_on_deadlock
def unmerge_ticket(duplicate: Ticket, *, by: Caller, reason: object) -> Ticket:
    """Takes a merge back: the duplicate has the status again that it had before. Returns the ticket that it
    was merged into.

    Raises NotAllowed, WrongState for a ticket that is not merged, also since a moment ago, Invalid without a
    reason.
    """
    require(by, "merge", duplicate)
    locked, kept = lock_with_kept(duplicate)
    if kept is None:
        raise WrongState("It may have been undone already.", title=f"Ticket {duplicate.pk} is not merged")
    undo_merge(locked, by=by, reason=reason, changes={"status": find_status_before(locked)})
    duplicate.refresh_from_db()
    return kept


def lock_with_kept(duplicate: Ticket) -> tuple[Ticket, Ticket | None]:
    """The ticket and the one that it is merged into, locked. While this waits, the kept one may be merged
    further: then the duplicate points to another one, and both are read again."""
    while True:
        kept = Ticket.objects.values_list("merged_into_id", flat=True).get(pk=duplicate.pk)
        rows = lock_rows(Ticket.objects.filter(pk__in=[duplicate.pk, kept]))
        if rows[duplicate.pk].merged_into_id == kept:
            return rows[duplicate.pk], rows.get(kept)


def find_status_before(duplicate: Ticket) -> Status:
    """The status that a merged ticket had before. Other tickets that were merged into it, and a photo that
    was removed since, are in its history, too."""
    earlier = duplicate.events.exclude(status=Status.CLOSED).exclude(verb="merged")
    return Status(earlier.values_list("status", flat=True).latest("pgh_id"))


@retry_on_deadlock
def undo_merge(duplicate: Ticket, *, by: Caller, reason: object, changes: Mapping[str, object]) -> Ticket:
    """Corrects a merged ticket with a reason. With a status that is not closed it is merged no longer, and
    the followers that it brought leave the kept ticket, with their secret links.

    changes: as of `repair_ticket`. Raises NotAllowed, Invalid, VersionStale.
    """
    _, kept = lock_with_kept(duplicate)
    repaired = repair_ticket(duplicate, by=by, reason=reason, changes=changes)
    if kept is not None and repaired.merged_into_id is None:
        with bypass_trigger(REPAIRING):
            take_back_followers(repaired, kept)
        set_audit_context(by, "unmerged", f"Ticket {duplicate.pk} is no duplicate of this one.")
        record_event(kept, "unmerged")
        ticket_unmerged.send(Ticket, ticket=repaired, kept=kept)
    return repaired


def find_duplicates(kept: Ticket, *, by: Caller) -> QuerySet[Ticket]:
    """What was merged into a ticket, as far as the caller may know."""
    return visible_merged(by).filter(merged_into=kept).order_by("opened_at", "id")


def visible_merged(by: Caller) -> QuerySet[Ticket]:
    """The tickets that were merged into another one and are shown with it: to the helpdesk all, to users
    those that their browser followed before, as long as they see the kept one."""
    merged = Ticket.objects.filter(merged_into__in=Ticket.objects.visible_to(by.role).values("pk"))
    return merged if by.is_helpdesk else merged.filter(pk__in=followed_by(by))


def has_duplicates() -> Exists:
    """Of the tickets of an outer query."""
    return Exists(Ticket.objects.filter(merged_into=OuterRef("pk")))


def find_kept(pk: int, *, by: Caller) -> Ticket | None:
    """The ticket to which the caller is led from a merged one that is closed and hidden: only who followed it
    could see it before, and learns nothing else."""
    merged = Ticket.objects.filter(pk=pk, pk__in=followed_by(by), merged_into__isnull=False).first()
    if merged is None:
        return None
    return Ticket.objects.visible_to(by.role).filter(duplicates=merged).first()


def followed_by(by: Caller) -> QuerySet[Follower]:
    rows = Follower.objects.filter(browser=by.browser) if by.browser else Follower.objects.none()
    return rows.values("ticket")  # type: ignore[return-value]  # a subquery
