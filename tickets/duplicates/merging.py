"""Merging a duplicate into the ticket that is kept, and taking that back.

Both tickets stay, with their own texts and histories. The duplicate is closed and points to the kept ticket.
"""

from collections.abc import Mapping

from django.db.models import Exists, OuterRef, QuerySet

from common.errors import Invalid
from common.roles import Caller
from django_common.retry import retry_on_deadlock
from django_common.triggers import bypass_trigger
from tickets.access import require
from tickets.actions import move_ticket, refuse_closed, repair_ticket
from tickets.audit_context import set_audit_context
from tickets.errors import WrongState
from tickets.following.models import Follower, Reason
from tickets.history import record_event
from tickets.lifecycle import Status
from tickets.models import Ticket
from tickets.triggers import REPAIRING


@retry_on_deadlock
def merge_ticket(duplicate: Ticket, *, into: Ticket, by: Caller) -> Ticket:
    """Closes the duplicate, step by step. It and all that was merged into it point to the kept ticket, which
    its followers follow from now on.

    Raises NotAllowed, Hidden, WrongState if one of them is closed, Invalid for a ticket into itself.
    """
    require(by, "merge", duplicate)
    kept, locked = lock_both(duplicate, into)
    refuse_closed(locked, by=by)
    if kept.pk == locked.pk:
        raise Invalid({"into": ["Choose another ticket: this is the ticket itself."]})
    if kept.is_closed:
        raise WrongState("Choose a ticket that is open or active.", title=f"Ticket {kept.pk} is closed")
    reason = f"Duplicate of ticket {kept.pk}."
    if locked.status == Status.OPEN:
        move_ticket(locked, to=Status.ACTIVE, by=by, verb="activated", moment="activated_at", reason=reason)
    move_ticket(
        locked,
        to=Status.CLOSED,
        by=by,
        verb="merged",
        moment="closed_at",
        reason=reason,
        merged_into=kept,
    )
    with bypass_trigger(REPAIRING):  # those are closed
        Ticket.objects.filter(merged_into=locked).update(merged_into=kept)
    move_followers(locked, kept)
    set_audit_context(by, "merged", f"Ticket {locked.pk} is a duplicate of this one.")
    record_event(kept, "merged")
    duplicate.refresh_from_db()
    return duplicate


def lock_both(one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    """`other` and `one`, as they are now, locked in the order of their numbers: two people who merge them
    into each other do not deadlock."""
    rows = Ticket.objects.filter(pk__in=[one.pk, other.pk]).order_by("pk").select_for_update(no_key=True)
    locked = {ticket.pk: ticket for ticket in rows}
    return locked[other.pk], locked[one.pk]


def move_followers(duplicate: Ticket, kept: Ticket) -> None:
    """Who reported the duplicate or joined it has the problem of the kept ticket, too. The duplicate's own
    rows stay, so that merging can be taken back."""
    for follower in Follower.objects.filter(ticket=duplicate).order_by("browser"):
        reason = Reason.FOLLOWED if follower.reason == Reason.FOLLOWED else Reason.ME_TOO
        row, _ = Follower.objects.get_or_create(
            ticket=kept,
            browser=follower.browser,
            defaults={"reason": reason, "seen_at": follower.seen_at, "merged_from": duplicate},
        )
        Follower.objects.filter(pk=row.pk, reason__in=reason.weaker).update(reason=reason)


def unmerge_ticket(duplicate: Ticket, *, by: Caller, reason: object) -> Ticket:
    """Takes a merge back: the duplicate has the status again that it had before.

    Raises NotAllowed, WrongState for a ticket that is not merged, Invalid without a reason, VersionStale.
    """
    require(by, "merge", duplicate)
    if duplicate.merged_into_id is None:
        raise WrongState("It may have been undone already.", title=f"Ticket {duplicate.pk} is not merged")
    status = find_status_before(duplicate)
    return undo_merge(duplicate, by=by, reason=reason, changes={"status": status})


def find_status_before(duplicate: Ticket) -> Status:
    """Open if only the merge itself took the duplicate up: for no other reason that is done with one."""
    taken_up = duplicate.events.filter(verb="activated").last()
    return Status.OPEN if taken_up and taken_up.reason else Status.ACTIVE


@retry_on_deadlock
def undo_merge(duplicate: Ticket, *, by: Caller, reason: object, changes: Mapping[str, object]) -> Ticket:
    """Corrects a merged ticket with a reason. With a status that is not closed it is merged no longer, and
    the followers that it brought leave the kept ticket.

    changes: as of `repair_ticket`. Raises NotAllowed, Invalid, VersionStale.
    """
    kept = duplicate.merged_into
    repaired = repair_ticket(duplicate, by=by, reason=reason, changes=changes)
    if kept is not None and repaired.merged_into_id is None:
        with bypass_trigger(REPAIRING):
            Follower.objects.filter(ticket=kept, merged_from=duplicate).delete()
        set_audit_context(by, "unmerged", f"Ticket {duplicate.pk} is no duplicate of this one.")
        record_event(Ticket.objects.get(pk=kept.pk), "unmerged")
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
