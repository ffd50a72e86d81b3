"""The only writers of followers, but for `open_ticket`, whose reporter follows the new ticket at once."""

from common.errors import Invalid
from common.roles import Caller
from django_common.database import is_read_only
from django_common.retry import retry_on_deadlock
from tickets.access import require
from tickets.actions import refuse_closed
from tickets.following.models import Follower, Reason
from tickets.models import Ticket

NO_BROWSER = "Your browser must accept this site's cookies for this."


@retry_on_deadlock
def follow(ticket: Ticket, *, by: Caller, reason: Reason) -> Follower:
    """The caller's browser follows a ticket that is not closed. Of several reasons the strongest stays.

    Raises NotAllowed, Hidden, WrongState, Invalid without a browser.
    """
    require(by, "follow", ticket)
    refuse_closed(ticket, by=by)
    if not by.browser:
        raise Invalid({"browser": [NO_BROWSER]})
    follower, _ = Follower.objects.get_or_create(
        ticket=ticket, browser=by.browser, defaults={"reason": reason, "seen_at": ticket.modified_at}
    )
    Follower.objects.filter(pk=follower.pk, reason__in=reason.weaker).update(reason=reason)
    follower.refresh_from_db()
    return follower


def unfollow(ticket: Ticket, *, by: Caller) -> None:
    """Ends what `follow` began. Who reported the problem or has it, too, stays counted.

    Raises NotAllowed, Hidden, WrongState.
    """
    require(by, "follow", ticket)
    refuse_closed(ticket, by=by)
    Follower.objects.filter(ticket=ticket, browser=by.browser, reason=Reason.FOLLOWED).delete()


def mark_seen(ticket: Ticket, *, by: Caller) -> None:
    """The caller's browser shows the ticket as it is now: none of it is news any more.

    A database that accepts no changes is still read: there it stays news.
    """
    if not by.browser:
        return
    unseen = Follower.objects.filter(ticket=ticket, browser=by.browser, seen_at__lt=ticket.modified_at)
    if unseen.exists() and not is_read_only():
        unseen.update(seen_at=ticket.modified_at)
