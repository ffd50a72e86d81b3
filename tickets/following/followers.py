"""The rows of followers: each has the strongest of the browser's own reason and of those that merged tickets
bring. The callers have locked the tickets."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from tickets.expressions import StatementNow
from tickets.following.models import Follower, Reason, SecretLink
from tickets.models import Ticket


def add_follower(ticket: Ticket, browser: str, *, reason: Reason, seen_at: datetime) -> Follower:
    """The browser's row, made if it has none. Of several reasons the strongest stays."""
    row, _ = Follower.objects.get_or_create(
        ticket=ticket, browser=browser, defaults={"reason": reason, "seen_at": seen_at}
    )
    Follower.objects.filter(pk=row.pk, reason__in=reason.weaker).update(reason=reason)
    return row


def bring_followers(duplicate: Ticket, kept: Ticket) -> None:
    """Who reported the duplicate or joined it has the problem of the kept ticket, too. The duplicate's own
    rows stay, so that merging can be taken back."""
    for follower in Follower.objects.filter(ticket=duplicate).order_by("browser"):
        reason = Reason(follower.reason).when_merged
        add_follower(kept, follower.browser, reason=reason, seen_at=follower.seen_at)


def take_back_followers(duplicate: Ticket, kept: Ticket) -> None:
    """After the duplicate no longer points to the kept ticket. Whom its own duplicates brought leaves it,
    too: these point to the kept ticket since it was merged."""
    browsers = list(Follower.objects.filter(ticket=duplicate).values_list("browser", flat=True))
    for ticket in (duplicate, kept):
        recompute_followers(ticket, browsers)


def recompute_followers(ticket: Ticket, browsers: list[str]) -> None:
    """Of those that still follow the ticket: they may have ended that."""
    brought = find_brought(ticket, browsers)
    for row in Follower.objects.filter(ticket=ticket, browser__in=browsers).order_by("browser"):
        own = [Reason(row.own_reason)] if row.own_reason else []
        if reasons := own + brought[row.browser]:
            Follower.objects.filter(pk=row.pk).update(reason=strongest(reasons))
        else:
            remove_follower(ticket, row.browser)


def find_brought(ticket: Ticket, browsers: list[str]) -> dict[str, list[Reason]]:
    """By browser: the reasons that the tickets bring that are merged into this one now."""
    rows = Follower.objects.filter(ticket__merged_into=ticket, browser__in=browsers).exclude(own_reason="")
    brought = defaultdict(list)
    for row in rows:
        brought[row.browser].append(Reason(row.own_reason).when_merged)
    return brought


def strongest(reasons: Iterable[Reason]) -> Reason:
    return min(reasons, key=list(Reason).index)


def remove_follower(ticket: Ticket, browser: str) -> None:
    """With its secret link, which is only for who reported or follows a ticket."""
    Follower.objects.filter(ticket=ticket, browser=browser).delete()
    links = SecretLink.objects.filter(ticket=ticket, browser=browser, revoked_at=None)
    links.update(revoked_at=StatementNow())
