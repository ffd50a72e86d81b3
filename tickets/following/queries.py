"""What a browser follows, and what is new about it."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from common.roles import Caller
from tickets.access import VISIBLE_STATUSES
from tickets.following.models import Follower, SecretLink
from tickets.following.secrets import digest_secret
from tickets.models import Ticket


def find_followed(tickets: Iterable[Ticket], *, by: Caller) -> dict[int, Follower]:
    """By ticket id: of these tickets the ones that the caller's browser follows."""
    if not by.browser:
        return {}
    rows = Follower.objects.filter(browser=by.browser, ticket__in=[ticket.pk for ticket in tickets])
    return {row.ticket_id: row for row in rows}


def find_news(caller: Caller) -> QuerySet[Follower]:
    """What the caller's browser follows and may see, by its secret link, too, and what has changed since the
    browser last showed it; the newest change first."""
    if not caller.browser:
        return Follower.objects.none()
    followed = Follower.objects.filter(browser=caller.browser).select_related("ticket")
    visible = Q(ticket__status__in=VISIBLE_STATUSES[caller.role])
    linked = Exists(own_links(caller).filter(ticket=OuterRef("ticket")))
    changed = followed.filter(visible | linked, ticket__modified_at__gt=F("seen_at"))
    return changed.order_by("-ticket__modified_at", "-ticket")


def own_links(caller: Caller) -> QuerySet[SecretLink]:
    """The secret links that the caller's browser may be shown, the last closed ticket first."""
    links = SecretLink.objects.filter(browser=caller.browser, revoked_at=None).exclude(browser="")
    return links.select_related("ticket").order_by("-ticket__closed_at", "-ticket")


def find_by_secret(secret: str) -> SecretLink | None:
    """The link with this secret. A wrong, a revoked and a malformed one take the same lookup and time."""
    links = SecretLink.objects.filter(digest=digest_secret(secret), revoked_at=None)
    return links.select_related("ticket", "ticket__feedback").first()
